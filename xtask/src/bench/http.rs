//! HTTP/1.1 for measuring (RFC 9112): one connection, kept alive, one request at a time, no hidden work.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use anyhow::{Context, Result, bail};

/// No answer takes longer.
const PATIENCE: Duration = Duration::from_secs(10);

/// One kept-alive connection.
pub(super) struct Connection {
    address: SocketAddr,
    stream: BufReader<TcpStream>,
}

/// An answer that goes on, in chunks (RFC 9112 section 7.1).
pub(super) struct Stream(Connection);

impl Stream {
    /// Waits for the next event; comments that keep the connection alive are none.
    pub(super) fn next(&mut self) -> Result<String> {
        loop {
            let line = self.0.read_line()?;
            let length = usize::from_str_radix(line.trim(), 16).context("a chunk without a length")?;
            let bytes = self.0.read_bytes(length)?;
            self.0.read_line()?;
            if length == 0 {
                bail!("the stream has ended");
            }
            if !bytes.starts_with(b":") {
                return Ok(String::from_utf8_lossy(&bytes).into_owned());
            }
        }
    }
}

/// What came back.
pub(super) struct Answer {
    pub(super) status: u16,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl Connection {
    /// Connects, without Nagle's delay.
    pub(super) fn open(address: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect_timeout(&address, Duration::from_secs(1)).context("no connection")?;
        stream.set_nodelay(true).context("cannot switch Nagle's algorithm off")?;
        stream.set_read_timeout(Some(PATIENCE)).context("cannot set a deadline")?;
        Ok(Connection { address, stream: BufReader::new(stream) })
    }

    /// Sends a request and reads the whole answer.
    pub(super) fn exchange(
        &mut self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Result<Answer> {
        self.send(method, path, headers, body)?;
        self.read_answer().with_context(|| format!("{method} {path}"))
    }

    fn send(&mut self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Result<()> {
        let head = format!("{method} {path} HTTP/1.1\r\nhost: {}\r\n", self.address);
        let headers = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n"));
        let length = (method != "GET").then(|| format!("content-length: {}\r\n", body.len()));
        let parts =
            std::iter::once(head).chain(headers).chain(length).chain(["\r\n".to_owned(), body.to_owned()]);
        let request: String = parts.collect();
        self.stream.get_mut().write_all(request.as_bytes()).context("the request was not taken")
    }

    fn read_answer(&mut self) -> Result<Answer> {
        let mut answer = self.read_head()?;
        answer.body = match (answer.header("content-length"), answer.header("transfer-encoding")) {
            (Some(length), _) => self.read_bytes(length.parse().context("content-length is no number")?)?,
            (None, Some("chunked")) => self.read_chunks()?,
            _ => Vec::new(),
        };
        Ok(answer)
    }

    /// Sends a `POST` whose answer never ends by itself.
    pub(super) fn stream(mut self, path: &str, headers: &[(&str, &str)], body: &str) -> Result<Stream> {
        self.send("POST", path, headers, body)?;
        let head = self.read_head()?;
        if head.status != 200 || head.header("transfer-encoding") != Some("chunked") {
            bail!("{path} answered {} instead of a stream", head.status);
        }
        Ok(Stream(self))
    }

    fn read_head(&mut self) -> Result<Answer> {
        let first = self.read_line()?;
        let status = first.split(' ').nth(1).and_then(|status| status.parse().ok());
        let status = status.with_context(|| format!("not an HTTP answer: {first:?}"))?;
        let mut headers = Vec::new();
        loop {
            let line = self.read_line()?;
            let Some((name, value)) = line.split_once(':') else { break };
            headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
        }
        Ok(Answer { status, headers, body: Vec::new() })
    }

    fn read_chunks(&mut self) -> Result<Vec<u8>> {
        let mut body = Vec::new();
        loop {
            let line = self.read_line()?;
            let length = usize::from_str_radix(line.trim(), 16).context("a chunk without a length")?;
            body.extend(self.read_bytes(length)?);
            self.read_line()?;
            if length == 0 {
                return Ok(body);
            }
        }
    }

    fn read_bytes(&mut self, length: usize) -> Result<Vec<u8>> {
        let mut bytes = vec![0; length];
        self.stream.read_exact(&mut bytes).context("the answer ended early")?;
        Ok(bytes)
    }

    fn read_line(&mut self) -> Result<String> {
        let mut line = String::new();
        if self.stream.read_line(&mut line).context("no answer")? == 0 {
            bail!("the connection was closed");
        }
        line.truncate(line.trim_end().len());
        Ok(line)
    }
}

impl Answer {
    /// The first header of that name, in small letters.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The `name=value` of each cookie that is set.
    pub(super) fn cookies(&self) -> impl Iterator<Item = &str> {
        let set = self.headers.iter().filter(|(name, _)| name == "set-cookie");
        set.map(|(_, value)| value.split(';').next().unwrap_or_default())
    }

    /// How many lines the body has.
    pub(super) fn line_count(&self) -> usize {
        self.body.split(|byte| *byte == b'\n').count().saturating_sub(1)
    }

    /// The body as text.
    pub(super) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body as JSON, provided the status is a good one.
    pub(super) fn json(&self) -> Result<serde_json::Value> {
        if !(200..300).contains(&self.status) {
            bail!("answered {}: {}", self.status, self.text());
        }
        serde_json::from_slice(&self.body).with_context(|| format!("not JSON: {}", self.text()))
    }
}
