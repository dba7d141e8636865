//! Requests to the server by `fetch`, in whatever global scope the module runs.

use js_sys::{Promise, Reflect, Uint8Array};
use subrosa_client::{Chunks, HttpRequest, HttpResponse, Streamed, Transport, Unreachable};
use subrosa_wire::api::MAX_BODY;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    AbortController, Headers, ReadableStreamDefaultReader, Request, RequestInit, Response,
};

use super::Browser;

#[wasm_bindgen]
extern "C" {
    // Of the global scope, whatever that is: a worker's, a page's, or Node's.
    fn fetch(request: &Request) -> Promise;
}

impl Transport for Browser {
    type Chunks = BodyChunks;

    fn origin(&self) -> String {
        self.origin.clone()
    }

    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, Unreachable> {
        let (response, sent) = self.fetch(request).await.map_err(|_| Unreachable)?;
        whole(response, sent).await
    }

    async fn stream(&self, request: HttpRequest) -> Result<Streamed<BodyChunks>, Unreachable> {
        let (response, sent) = self.fetch(request).await.map_err(|_| Unreachable)?;
        if !response.ok() {
            return whole(response, sent).await.map(Streamed::Refused);
        }
        let body = response.body().ok_or(Unreachable)?;
        let reader = body.get_reader().dyn_into().map_err(|_| Unreachable)?;
        Ok(Streamed::Open(BodyChunks { reader, _sent: sent }))
    }
}

async fn whole(response: Response, sent: Sent) -> Result<HttpResponse, Unreachable> {
    let retry_after = response.headers().get("retry-after").ok().flatten();
    // What is longer than any message decodes as none: there is no need to read on.
    let mut body = Vec::new();
    if let Some(stream) = response.body() {
        let reader = stream.get_reader().dyn_into().map_err(|_| Unreachable)?;
        let mut chunks = BodyChunks { reader, _sent: sent };
        while body.len() <= MAX_BODY
            && let Some(bytes) = chunks.read().await.map_err(|_| Unreachable)?
        {
            body.extend_from_slice(&bytes);
        }
    }
    Ok(HttpResponse {
        status: response.status(),
        body,
        retry_after: retry_after.and_then(|seconds| seconds.parse().ok()),
    })
}

impl Browser {
    async fn fetch(&self, request: HttpRequest) -> Result<(Response, Sent), JsValue> {
        let sent = Sent(AbortController::new()?);
        let headers = Headers::new()?;
        if let Some(token) = &request.token {
            headers.set("authorization", &format!("Bearer {token}"))?;
        }
        let init = RequestInit::new();
        init.set_method(request.method.name());
        if !request.body.is_empty() {
            headers.set("content-type", "application/cbor")?;
            init.set_body(&Uint8Array::from(request.body.as_slice()));
        }
        init.set_headers(&headers);
        init.set_signal(Some(&sent.0.signal()));
        let url = format!("{}{}", self.origin, request.path);
        let request = Request::new_with_str_and_init(&url, &init)?;
        let response = JsFuture::from(fetch(&request)).await?.dyn_into()?;
        Ok((response, sent))
    }
}

/// A request under way. When it is dropped it ends, wherever it is: without a reply so far, or with
/// one that is still coming.
struct Sent(AbortController);

impl Drop for Sent {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// A reply's body as it comes.
pub struct BodyChunks {
    reader: ReadableStreamDefaultReader,
    _sent: Sent,
}

impl BodyChunks {
    async fn read(&mut self) -> Result<Option<Vec<u8>>, JsValue> {
        let read = JsFuture::from(self.reader.read()).await?;
        if Reflect::get(&read, &"done".into())?.is_truthy() {
            return Ok(None);
        }
        let value = Reflect::get(&read, &"value".into())?;
        Ok(Some(Uint8Array::new(&value).to_vec()))
    }
}

impl Chunks for BodyChunks {
    async fn next(&mut self) -> Option<Vec<u8>> {
        self.read().await.ok().flatten()
    }
}
