//! A browser's own storage: one store in IndexedDB.
//!
//! A read-write transaction on the one store is alone across all tabs, so reading, changing and
//! writing in one transaction is atomic; `durability: strict` has the browser flush before it
//! tells that the transaction is complete.

use js_sys::{Function, Object, Promise, Reflect, Uint8Array};
use subrosa_client::Update;
use wasm_bindgen::prelude::{Closure, wasm_bindgen};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    EventTarget, IdbDatabase, IdbFactory, IdbObjectStore, IdbOpenDbRequest, IdbRequest,
    IdbTransaction,
};

use super::device::Change;

const DATABASE: &str = "subrosa";
const STORE: &str = "device";

#[wasm_bindgen]
extern "C" {
    // web-sys has the options of a transaction among its unstable APIs alone.
    type Database;

    #[wasm_bindgen(method, catch)]
    fn transaction(
        this: &Database,
        store: &str,
        mode: &str,
        options: &JsValue,
    ) -> Result<IdbTransaction, JsValue>;
}

pub(super) async fn read(name: &str) -> Result<Option<Vec<u8>>, JsValue> {
    let database = open().await?;
    let value = async {
        let (store, _) = store(&database, "readonly")?;
        JsFuture::from(settled(&store.get(&name.into())?)).await
    };
    let value = value.await;
    database.close();
    Ok(bytes(value?))
}

pub(super) async fn update(name: &str, change: Change<'_>) -> Result<(), JsValue> {
    let database = open().await?;
    let written = async {
        let (store, transaction) = store(&database, "readwrite")?;
        let complete = completed(&transaction);
        let known = JsFuture::from(settled(&store.get(&name.into())?)).await?;
        match change(bytes(known)) {
            Update::Keep => {}
            Update::Put(bytes) => {
                let value = Uint8Array::from(bytes.as_slice());
                store.put_with_key(&value, &name.into())?;
            }
            Update::Remove => drop(store.delete(&name.into())?),
        }
        JsFuture::from(complete).await
    };
    let written = written.await;
    database.close();
    written.map(drop)
}

fn bytes(value: JsValue) -> Option<Vec<u8>> {
    value.dyn_into::<Uint8Array>().ok().map(|array| array.to_vec())
}

async fn open() -> Result<IdbDatabase, JsValue> {
    let factory = Reflect::get(&js_sys::global(), &"indexedDB".into())?;
    let request = factory.unchecked_into::<IdbFactory>().open_with_u32(DATABASE, 1)?;
    let made = on_upgrade(&request);
    let database = JsFuture::from(settled(&request)).await;
    drop(made);
    Ok(database?.unchecked_into())
}

fn on_upgrade(request: &IdbOpenDbRequest) -> Closure<dyn FnMut()> {
    let opening = request.clone();
    let make = Closure::<dyn FnMut()>::new(move || {
        // A store that cannot be made shows when it is used.
        if let Ok(database) = opening.result() {
            drop(database.unchecked_into::<IdbDatabase>().create_object_store(STORE));
        }
    });
    request.set_onupgradeneeded(Some(make.as_ref().unchecked_ref()));
    make
}

fn store(database: &IdbDatabase, mode: &str) -> Result<(IdbObjectStore, IdbTransaction), JsValue> {
    let options = Object::new();
    Reflect::set(&options, &"durability".into(), &"strict".into())?;
    let database = database.unchecked_ref::<Database>();
    let transaction = database.transaction(STORE, mode, &options)?;
    Ok((transaction.object_store(STORE)?, transaction))
}

/// A promise of a request's result.
fn settled(request: &IdbRequest) -> Promise {
    let done = request.clone();
    Promise::new(&mut |resolve, reject| {
        let done = done.clone();
        let result = Closure::once_into_js(move || {
            let result = done.result().unwrap_or(JsValue::UNDEFINED);
            // Inside the event: what awaits it runs while the transaction is still active.
            drop(resolve.call1(&JsValue::NULL, &result));
        });
        request.set_onsuccess(Some(result.unchecked_ref()));
        request.set_onerror(Some(&reject));
    })
}

/// A promise of a transaction's end.
fn completed(transaction: &IdbTransaction) -> Promise {
    Promise::new(&mut |resolve: Function, reject: Function| {
        let target = transaction.unchecked_ref::<EventTarget>();
        for (event, then) in [("complete", &resolve), ("abort", &reject), ("error", &reject)] {
            drop(target.add_event_listener_with_callback(event, then));
        }
    })
}
