//! `cordon top`: how a running server is doing, from its `/metrics` and `/readyz`.
//!
//! *Invariant:* it asks the one address given, follows no redirect, and reads at most
//! [`BODY_BYTES_MAX`] of an answer. What a server says is printed without what would move a
//! terminal's cursor. The terminal is as it was when this ends, also by a signal.

mod sample;
mod view;

use std::io::{IsTerminal as _, Write as _};
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use reqwest::{Certificate, Client, Url};

use crate::cli::{Cli, TopArgs};
use crate::commands::serve::StopSignal;
use crate::config::Config;
use crate::exit::{Ends as _, Exit, Outcome};
use crate::log;
use sample::Sample;
use view::View;

/// How often the server is asked.
const EVERY: Duration = Duration::from_secs(1);
/// Longest wait for an answer.
const ANSWER_MAX: Duration = Duration::from_secs(5);
/// Bytes of an answer that are read.
const BODY_BYTES_MAX: usize = 4 << 20;
/// Bytes of a certificate's file that are read.
const CA_BYTES_MAX: u64 = 1 << 20;

/// Another screen, the cursor hidden; back at the end.
const ENTER: &str = "\x1b[?1049h\x1b[?25l";
const LEAVE: &str = "\x1b[?25h\x1b[?1049l";

/// Runs the command.
pub(crate) fn run(cli: &Cli, args: &TopArgs) -> Outcome {
    let config = Config::load(cli.config.as_deref()).or_exit(Exit::Usage)?;
    let server = Server::new(&config, args).or_exit(Exit::Usage)?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let runtime = runtime.context("start runtime")?;
    let is_watched = std::io::stdout().is_terminal() && !args.once && !args.json;
    runtime.block_on(async {
        let first = server.sample().await.or_exit(Exit::Unreachable)?;
        if is_watched {
            let stop = StopSignal::install().context("listen for signals")?;
            watch(&server, first, stop).await?;
            return Ok(Exit::Done);
        }
        tokio::time::sleep(EVERY).await;
        let second = server.sample().await.or_exit(Exit::Unreachable)?;
        let view = View::between(&first, &second);
        let shown = if args.json {
            view.json()
        } else {
            view.text(&server.name)
        };
        log::data(shown.as_bytes()).context("write stdout")?;
        Ok(Exit::Done)
    })
}

/// Gives the terminal back.
struct Screen;

impl Screen {
    fn enter() -> Self {
        // A terminal that is gone shows nothing.
        let _ = log::data(ENTER.as_bytes());
        Self
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        let _ = log::data(LEAVE.as_bytes());
    }
}

/// Shows each second until a signal; a server that is away is asked again.
async fn watch(server: &Server, mut before: Sample, stop: StopSignal) -> anyhow::Result<()> {
    let _screen = Screen::enter();
    let mut stop = std::pin::pin!(stop.wait());
    let mut text = format!("asking {}\n", server.name);
    loop {
        draw(&text)?;
        tokio::select! {
            biased;
            () = &mut stop => return Ok(()),
            () = tokio::time::sleep(EVERY) => {}
        }
        text = match server.sample().await {
            Ok(now) => {
                let shown = View::between(&before, &now).text(&server.name);
                before = now;
                shown
            }
            Err(error) => format!("cordon top  {}  away: {error:#}\n", server.name),
        };
        text.push_str("\nCtrl-C ends it\n");
    }
}

/// Writes over what was there, line by line, so that nothing flickers.
fn draw(text: &str) -> anyhow::Result<()> {
    let mut out = String::from("\x1b[H");
    for line in text.lines() {
        out.push_str(line);
        out.push_str("\x1b[K\r\n");
    }
    out.push_str("\x1b[J");
    let mut to = std::io::stdout().lock();
    let written = to.write_all(out.as_bytes()).and_then(|()| to.flush());
    written.context("write to the terminal")
}

/// Whom to ask.
struct Server {
    /// As it is shown.
    name: String,
    metrics: Url,
    readyz: Url,
    client: Client,
}

impl Server {
    fn new(config: &Config, args: &TopArgs) -> anyhow::Result<Self> {
        let scheme = if config.server.tls.is_some() {
            "https"
        } else {
            "http"
        };
        let base = match &args.server {
            Some(said) if said.contains("://") => said.clone(),
            Some(said) => format!("{scheme}://{said}"),
            None => format!("{scheme}://{}", config.server.listen),
        };
        let base = Url::parse(&base).context("read --server")?;
        if !matches!(base.scheme(), "http" | "https") || base.host_str().is_none() {
            bail!("read --server: expected ADDRESS:PORT, or a URL of http or https");
        }
        let mut client = Client::builder()
            .timeout(ANSWER_MAX)
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy();
        if let Some(path) = &args.ca {
            client = client.add_root_certificate(certificate(path)?);
        }
        let mut readyz = base.join("/readyz").context("read --server")?;
        readyz.set_query(Some("verbose"));
        let port = base
            .port()
            .map_or_else(String::new, |port| format!(":{port}"));
        Ok(Self {
            name: format!("{}{port}", base.host_str().unwrap_or_default()),
            metrics: base.join("/metrics").context("read --server")?,
            readyz,
            client: client.build().context("set up the client")?,
        })
    }

    async fn sample(&self) -> anyhow::Result<Sample> {
        let metrics = self.get(&self.metrics, &[200]).await?;
        let readyz = self.get(&self.readyz, &[200, 503]).await?;
        Ok(Sample::new(&metrics, &readyz, Instant::now()))
    }

    async fn get(&self, url: &Url, expected: &[u16]) -> anyhow::Result<String> {
        let path = url.path();
        let sent = self.client.get(url.clone()).send().await;
        // What reqwest says may hold the address, which is known.
        let sent = sent.map_err(reqwest::Error::without_url);
        let mut answer = sent.context("reach the server")?;
        let status = answer.status().as_u16();
        if !expected.contains(&status) {
            bail!("ask for {path}: it answered {status}");
        }
        let mut body = Vec::new();
        while let Some(part) = answer.chunk().await.map_err(reqwest::Error::without_url)? {
            if body.len() + part.len() > BODY_BYTES_MAX {
                bail!("ask for {path}: more than {BODY_BYTES_MAX} bytes");
            }
            body.extend_from_slice(&part);
        }
        Ok(String::from_utf8_lossy(&body).into_owned())
    }
}

fn certificate(path: &Path) -> anyhow::Result<Certificate> {
    let shown = path.display();
    let size = std::fs::metadata(path).with_context(|| format!("read {shown}"))?;
    if size.len() > CA_BYTES_MAX {
        bail!("read {shown}: larger than {CA_BYTES_MAX} bytes");
    }
    let pem = std::fs::read(path).with_context(|| format!("read {shown}"))?;
    Certificate::from_pem(&pem).with_context(|| format!("read {shown}"))
}
