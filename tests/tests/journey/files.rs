//! Files that are dropped on a case and pasted into it, and an upload of 500 MB.

use super::*;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;

/// What a browser hands a page that files are dropped on, or pasted into: `arguments` are the selector of the place, the
/// kind of event, the name of the file, and its text or its bytes.
const HANDED: &str = "
    const [selector, kind, name, content] = arguments;
    const data = new DataTransfer();
    const bytes = typeof content === 'number' ? new Uint8Array(content) : content;
    data.items.add(new File([bytes], name, { type: 'text/plain' }));
    const place = document.querySelector(selector);
    const options = { bubbles: true, cancelable: true };
    const event = kind === 'paste'
      ? new ClipboardEvent('paste', { ...options, clipboardData: data })
      : new DragEvent(kind, { ...options, dataTransfer: data });
    return !place.dispatchEvent(event);";
const WRONG: &str = "return document.querySelector(arguments[0])?.validationMessage ?? ''";

const MEGABYTE: usize = 1_000_000;
/// Bytes of the upload that is too large.
const TOO_MUCH: usize = 500 * MEGABYTE;
/// How long its refusal may take on a busy machine, memory that it may take, and bytes that may stay on the disk.
const SOON: Duration = Duration::from_secs(25);
const MOST_MEMORY: u64 = 200 * 1_000_000;
const MOST_LEFT: u64 = 1_000_000;

#[tokio::test(flavor = "multi_thread")]
async fn files_are_dropped_on_a_case_and_pasted_into_it() -> Result<()> {
    let mut journey = Journey::outside(10).await?.enter(USER).await?;
    let result = journey.hand_over().await;
    let wrong = result.err().map(|error| format!("files: {error:#}"));
    journey.findings.extend(wrong);
    journey.end().await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_of_500_mb_is_refused_in_words_and_leaves_nothing_behind() -> Result<()> {
    let server = Server::demo(1)?;
    let mut client = server.client()?;
    client.log_in(USER, PASSWORD).await?;
    let new = json!({ "caseType": "waste.complaint", "title": "Stor fil" });
    let made = client.post_json("/api/v1/cases", &new).await?;
    let number = made["number"].as_str().context("a case has a number")?;
    let session = client.session().context("somebody is logged in")?;
    let path = format!("/cases/{number}/attachments");
    let head = format!(
        "Origin: {}\r\nCookie: {session}\r\nContent-Type: multipart/form-data; boundary=b\r\n",
        server.address()
    );
    // What the server needs anyway is there before it is measured.
    let (status, page) = upload(server.address(), &path, &head, MEGABYTE)?;
    ensure!(
        status == 303,
        "a small file is answered with {status}: {page}"
    );
    let (disk, memory) = (bytes_in(server.data())?, memory(server.id())?);
    let begun = Instant::now();
    let (status, page) = upload(server.address(), &path, &head, TOO_MUCH)?;
    let took = begun.elapsed();
    ensure!(
        status == 413,
        "the upload is answered with {status}: {page}"
    );
    ensure!(page.contains("Filerne fylder mere end 40 MB"), "{page}");
    ensure!(took < SOON, "the refusal takes {took:?}");
    let more = self::memory(server.id())?.saturating_sub(memory);
    ensure!(
        more < MOST_MEMORY,
        "the refusal takes {more} bytes of memory"
    );
    let left = bytes_in(server.data())?.saturating_sub(disk);
    ensure!(left < MOST_LEFT, "{left} bytes stay on the disk");
    let case = client.get_json(&format!("/api/v1/cases/{number}")).await?;
    let documents = case["documents"].as_array().map_or(0, Vec::len);
    ensure!(documents == 1, "the case has {documents} files");
    Ok(())
}

impl Journey {
    async fn hand_over(&mut self) -> Result<()> {
        let new = json!({ "caseType": "waste.complaint", "title": "Med filer" });
        let made = self.client.post_json("/api/v1/cases", &new).await?;
        let number = made["number"].as_str().context("a case has a number")?;
        self.open(&format!("/cases/{number}")).await?;
        self.until("h1", "Med filer").await?;
        let place = ".info .drop[data-drop]";
        self.element(place).await?;
        let over = self
            .hand(place, "dragover", "trukket.txt", json!("Hej"))
            .await?;
        self.expect(over, "a place for files does not take what is held over it");
        self.element(&format!("{place}.is-over")).await?;
        self.hand(place, "drop", "trukket.txt", json!("Hej"))
            .await?;
        self.until(".saved", "Fil tilføjet").await?;
        self.until(".info .files", "trukket.txt").await?;
        self.hand("h1", "paste", "indsat.txt", json!("Hej igen"))
            .await?;
        self.until(".info .files", "indsat.txt").await?;
        let file = self
            .download(".info .files li:last-child a[download]")
            .await?;
        self.expect(file == b"Hej igen", "what was pasted is not what is kept");

        // What is dropped where somebody writes goes with the note.
        self.type_into("#msg", "Se filen").await?;
        self.hand("#msg", "drop", "til-noten.txt", json!("Note"))
            .await?;
        self.until(".composer__files", "til-noten.txt").await?;
        let text = self
            .element("#msg")
            .await?
            .value()
            .await?
            .unwrap_or_default();
        self.expect(
            text == "Se filen",
            &format!("the note is {text:?} after a file"),
        );
        self.click("button.only-note").await?;
        self.until(".log .ev--note .file", "til-noten.txt").await?;

        // What is too large is told before it is sent, and what is of no known kind by the server.
        self.hand(place, "drop", "stor.txt", json!(41 * MEGABYTE))
            .await?;
        let said = self
            .window()
            .execute(WRONG, vec![json!("#attachment")])
            .await?;
        let said = said.json().as_str().unwrap_or_default().to_owned();
        self.expect(
            said.starts_with("Filerne fylder mere end 40 MB"),
            &format!("a large file is answered with {said:?}"),
        );
        self.hand(place, "drop", "program.exe", json!("MZ")).await?;
        self.until("#attachment-error", "program.exe er ikke gemt")
            .await?;
        let files = self.visible(".info .files").await?;
        self.expect(
            !files.contains("stor.txt") && !files.contains("program.exe"),
            &format!("what is not taken is listed: {files}"),
        );
        self.look("a case with a file that was not taken da").await
    }

    /// Hands the page a file; whether the page takes care of it.
    async fn hand(&self, place: &str, kind: &str, name: &str, content: Value) -> Result<bool> {
        let arguments = vec![json!(place), json!(kind), json!(name), content];
        let taken = self.window().execute(HANDED, arguments).await?;
        Ok(taken.json().as_bool().unwrap_or_default())
    }
}

/// Sends a file of so many bytes and reads the whole answer: its status and its page.
fn upload(address: &str, path: &str, head: &str, bytes: usize) -> Result<(u16, String)> {
    let place = address.trim_start_matches("http://");
    let mut connection = TcpStream::connect(place)?;
    connection.set_read_timeout(Some(SOON))?;
    connection.set_write_timeout(Some(SOON))?;
    let before = "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"film.txt\"\r\n\
                  Content-Type: text/plain\r\n\r\n";
    let behind = "\r\n--b--\r\n";
    let length = before.len() + bytes + behind.len();
    write!(
        connection,
        "POST {path} HTTP/1.1\r\nHost: {place}\r\nConnection: close\r\nContent-Length: {length}\r\n{head}\r\n{before}"
    )?;
    let piece = vec![b'x'; MEGABYTE];
    for _ in 0..bytes / MEGABYTE {
        connection.write_all(&piece)?;
    }
    connection.write_all(behind.as_bytes())?;
    let mut answer = Vec::new();
    connection.read_to_end(&mut answer)?;
    let answer = String::from_utf8_lossy(&answer).into_owned();
    let status = answer.split(' ').nth(1).context("an answer has a status")?;
    Ok((status.parse()?, answer))
}

/// Bytes of all files in a folder.
fn bytes_in(folder: &Path) -> Result<u64> {
    let mut bytes = 0;
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let about = entry.metadata()?;
        bytes += match about.is_dir() {
            true => bytes_in(&entry.path())?,
            false => about.len(),
        };
    }
    Ok(bytes)
}

/// The most memory that a process has had so far, in bytes.
fn memory(process: u32) -> Result<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib = line.and_then(|line| line.trim().strip_suffix(" kB"));
    Ok(kib.context("VmHWM")?.trim().parse::<u64>()? * 1024)
}
