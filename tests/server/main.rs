//! The server as a process for stories that end it: `server LISTEN DATA [ORIGIN]`. It bounds no
//! rate, since a story is one member with many devices, and ends with its input, so that it does
//! not outlive its story.

use std::error::Error;

use subrosa_server::config::Rate;
use subrosa_server::{Config, program};

const PLENTY: Rate = Rate { per_second: 1_000_000, burst: 1_000_000 };

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [listen, data, origin @ ..] = arguments.as_slice() else {
        return Err("too few arguments".into());
    };
    let config = Config {
        public_url: origin.first().map(|origin| origin.parse()).transpose()?,
        principal_rate: PLENTY,
        address_rate: PLENTY,
        ..Config::new(listen.parse()?, data.into())
    };
    std::thread::spawn(|| {
        let ended = std::io::copy(&mut std::io::stdin(), &mut std::io::sink());
        std::process::exit(i32::from(ended.is_err()));
    });
    Ok(program::run(config).await?)
}
