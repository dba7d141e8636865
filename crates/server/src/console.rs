//! The console's files, in memory: from a folder, or embedded with the feature `console`.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, OnceLock};

use axum::body::Bytes;
use axum::http::HeaderValue;
use subrosa_wire::id::Hash;

const PAGE: &str = "index.html";
/// Of Brotli's 11, which take seconds a megabyte. In a debug build even 9 would.
const QUALITY: i32 = if cfg!(debug_assertions) { 2 } else { 9 };

/// The console's files by path, without a leading slash.
#[derive(Default)]
pub struct Console {
    assets: Arc<BTreeMap<String, Asset>>,
}

/// One file.
pub struct Asset {
    bytes: Bytes,
    brotli: OnceLock<Option<Bytes>>,
    media_type: HeaderValue,
    tag: HeaderValue,
    brotli_tag: HeaderValue,
    hashed: bool,
}

impl Console {
    /// The folder's files, or the embedded ones, or none.
    ///
    /// # Errors
    /// The file system's; a folder without `index.html` is not a console.
    pub fn load(folder: Option<&Path>) -> std::io::Result<Self> {
        let mut files = BTreeMap::new();
        match folder {
            Some(folder) => read_folder(folder, "", &mut files)?,
            None => embedded(&mut files),
        }
        if folder.is_some() && !files.contains_key(PAGE) {
            return Err(std::io::Error::other("there is no index.html: build the console first"));
        }
        let assets = files.into_iter().map(|(path, bytes)| {
            let asset = Asset::new(&path, bytes);
            (path, asset)
        });
        let console = Console { assets: Arc::new(assets.collect()) };
        console.compress();
        Ok(console)
    }

    /// A file.
    #[must_use]
    pub fn find(&self, path: &str) -> Option<&Asset> {
        self.assets.get(path)
    }

    /// The page that all of the console's own routes show.
    #[must_use]
    pub fn page(&self) -> Option<&Asset> {
        self.find(PAGE)
    }

    /// Compresses once, beside everything else; until a file's turn it is served as it is.
    fn compress(&self) {
        let assets = self.assets.clone();
        std::thread::spawn(move || {
            for asset in assets.values() {
                asset.brotli.get_or_init(|| asset.compressed());
            }
        });
    }
}

impl Asset {
    fn new(path: &str, bytes: Bytes) -> Self {
        let hash = Hash::of(&bytes).to_string();
        let text = |text: String| {
            HeaderValue::try_from(text)
                .unwrap_or(HeaderValue::from_static("application/octet-stream"))
        };
        let media_type = mime_guess::from_path(path).first_or_octet_stream();
        let charset = match media_type.type_() {
            mime_guess::mime::TEXT => "; charset=utf-8",
            _ => "",
        };
        Asset {
            bytes,
            brotli: OnceLock::new(),
            media_type: text(format!("{media_type}{charset}")),
            tag: text(format!("\"{}\"", &hash[..32])),
            brotli_tag: text(format!("\"{}-br\"", &hash[..32])),
            hashed: is_hashed(path),
        }
    }

    /// As it is.
    #[must_use]
    pub fn bytes(&self) -> Bytes {
        self.bytes.clone()
    }

    /// Compressed, if that is done and worth it.
    #[must_use]
    pub fn brotli(&self) -> Option<Bytes> {
        self.brotli.get().cloned().flatten()
    }

    /// Its media type.
    #[must_use]
    pub fn media_type(&self) -> HeaderValue {
        self.media_type.clone()
    }

    /// Its entity tag, one for each encoding.
    #[must_use]
    pub fn tag(&self, brotli: bool) -> &HeaderValue {
        if brotli { &self.brotli_tag } else { &self.tag }
    }

    /// A file whose name has its content's hash never changes; others are asked for each time.
    #[must_use]
    pub fn caching(&self) -> &'static str {
        if self.hashed { "public, max-age=31536000, immutable" } else { "no-cache" }
    }

    fn compressed(&self) -> Option<Bytes> {
        let mut small = Vec::new();
        let params = brotli::enc::BrotliEncoderParams { quality: QUALITY, ..Default::default() };
        brotli::BrotliCompress(&mut self.bytes.as_ref(), &mut small, &params).ok()?;
        (small.len() * 10 < self.bytes.len() * 9).then(|| small.into())
    }
}

/// Whether a part of the file's name is a hash, as Trunk writes them: 16 or more hex digits.
fn is_hashed(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    name.split(['-', '_', '.'])
        .any(|part| part.len() >= 16 && part.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

fn read_folder(
    folder: &Path,
    prefix: &str,
    files: &mut BTreeMap<String, Bytes>,
) -> std::io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let Ok(name) = entry.file_name().into_string() else {
            continue;
        };
        // Follows no link, shows no hidden file: a folder may hold more than the console.
        match entry.file_type()? {
            _ if name.starts_with('.') => {}
            kind if kind.is_dir() => {
                read_folder(&entry.path(), &format!("{prefix}{name}/"), files)?
            }
            kind if kind.is_file() => {
                files.insert(format!("{prefix}{name}"), std::fs::read(entry.path())?.into());
            }
            _ => {}
        }
    }
    Ok(())
}

#[cfg(feature = "console")]
fn embedded(files: &mut BTreeMap<String, Bytes>) {
    #[derive(rust_embed::RustEmbed)]
    #[folder = "../../dist"]
    struct Dist;
    for path in Dist::iter() {
        if let Some(file) = Dist::get(&path) {
            files.insert(path.into_owned(), file.data.into_owned().into());
        }
    }
}

#[cfg(not(feature = "console"))]
fn embedded(_: &mut BTreeMap<String, Bytes>) {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashed_names_are_told_from_others() {
        for hashed in ["web-0123456789abcdef.js", "w/web-0123456789abcdef_bg.wasm"] {
            assert!(is_hashed(hashed), "{hashed}");
        }
        for not in ["index.html", "boot.js", "0123456789abcdef/boot.js", "a-deadbeef.css"] {
            assert!(!is_hashed(not), "{not}");
        }
    }
}
