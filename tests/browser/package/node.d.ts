// As much of Node as the programs here use.
declare module 'node:fs' {
  export function readFileSync(path: string | URL): Uint8Array<ArrayBuffer>;
  export function readFileSync(path: string, encoding: 'utf8'): string;
  export function writeFileSync(
    path: string,
    data: string | Uint8Array,
    options?: { mode?: number; flush?: boolean },
  ): void;
  export function existsSync(path: string): boolean;
  export function mkdirSync(path: string, options: { recursive: true; mode: number }): void;
  export function renameSync(from: string, to: string): void;
  export function rmSync(path: string, options: { force: true }): void;
  export function openSync(path: string, flags: 'r'): number;
  export function fsyncSync(file: number): void;
  export function closeSync(file: number): void;
}
declare module 'node:path' {
  export function join(...parts: string[]): string;
}
declare const process: { env: Record<string, string | undefined> };
