use js_sys::{Reflect, Uint8Array};
use subrosa_client::{Chunks, HttpRequest, HttpResponse, Streamed, Transport, Unreachable};
use subrosa_wire::api::MAX_BODY;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{
    AbortSignal, Headers, ReadableStreamDefaultReader, Request, RequestInit, Response,
    WorkerGlobalScope,
};

use super::Browser;

/// A request that gets no reply in this time has none, in milliseconds.
const PATIENCE: u32 = 30_000;

impl Transport for Browser {
    type Chunks = BodyChunks;

    fn origin(&self) -> String {
        self.origin.clone()
    }

    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, Unreachable> {
        whole(self.fetch(request, Some(PATIENCE)).await.map_err(|_| Unreachable)?).await
    }

    async fn stream(&self, request: HttpRequest) -> Result<Streamed<BodyChunks>, Unreachable> {
        let response = self.fetch(request, None).await.map_err(|_| Unreachable)?;
        if !response.ok() {
            return whole(response).await.map(Streamed::Refused);
        }
        let body = response.body().ok_or(Unreachable)?;
        let reader = body.get_reader().dyn_into().map_err(|_| Unreachable)?;
        Ok(Streamed::Open(BodyChunks(reader)))
    }
}

async fn whole(response: Response) -> Result<HttpResponse, Unreachable> {
    let retry_after = response.headers().get("retry-after").ok().flatten();
    // What is longer than any message decodes as none: there is no need to read on.
    let mut body = Vec::new();
    if let Some(stream) = response.body() {
        let reader = stream.get_reader().dyn_into().map_err(|_| Unreachable)?;
        let mut chunks = BodyChunks(reader);
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
    async fn fetch(
        &self,
        request: HttpRequest,
        patience: Option<u32>,
    ) -> Result<Response, JsValue> {
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
        init.set_signal(patience.map(AbortSignal::timeout_with_u32).as_ref());
        let url = format!("{}{}", self.origin, request.path);
        let request = Request::new_with_str_and_init(&url, &init)?;
        let scope = js_sys::global().unchecked_into::<WorkerGlobalScope>();
        JsFuture::from(scope.fetch_with_request(&request)).await?.dyn_into()
    }
}

/// A reply's body as it comes.
pub struct BodyChunks(ReadableStreamDefaultReader);

impl BodyChunks {
    async fn read(&mut self) -> Result<Option<Vec<u8>>, JsValue> {
        let read = JsFuture::from(self.0.read()).await?;
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

impl Drop for BodyChunks {
    fn drop(&mut self) {
        // A stream that broke rejects this: somebody has to hear it, or the page reports it.
        let cancelled = JsFuture::from(self.0.cancel());
        spawn_local(async move { drop(cancelled.await) });
    }
}
