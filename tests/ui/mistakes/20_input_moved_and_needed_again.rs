use saga_core::{Saga, StepContext, saga};

/// With the document itself, so it is not to be copied.
#[derive(Debug)]
struct Upload {
    owner: u64,
    title: String,
    bytes: Vec<u8>,
}

#[derive(Debug)]
struct ObjectKey(String);

#[derive(Debug, thiserror::Error)]
enum StorageError {
    #[error("{0} bytes are too many")]
    TooLarge(usize),
    #[error("the index refused `{0}`")]
    Index(String),
}

struct Documents {
    limit: usize,
}

#[saga]
impl Documents {
    #[step(compensate = delete_object, timeout = "1m")]
    async fn put_object(
        &self,
        upload: Upload,
        ctx: &StepContext,
    ) -> Result<ObjectKey, StorageError> {
        if upload.bytes.len() > self.limit {
            return Err(StorageError::TooLarge(upload.bytes.len()));
        }
        Ok(ObjectKey(format!("{}/{}", upload.owner, ctx.saga_id())))
    }

    #[step(compensate = remove_from_index)]
    async fn index(&self, key: &ObjectKey, #[input] upload: &Upload) -> Result<u64, StorageError> {
        if upload.title.is_empty() {
            return Err(StorageError::Index(key.0.clone()));
        }
        Ok(upload.owner)
    }

    #[step]
    async fn notify_owner(&self, owner: &u64) -> Result<String, StorageError> {
        Ok(format!("notified {owner}"))
    }

    async fn delete_object(&self, key: &ObjectKey) -> Result<(), StorageError> {
        println!("deleting {}", key.0);
        Ok(())
    }

    async fn remove_from_index(&self, owner: &u64) -> Result<(), StorageError> {
        println!("removing a document of {owner}");
        Ok(())
    }
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let documents = Documents { limit: 1 << 20 };
    let upload = Upload {
        owner: 5,
        title: "Lease".to_owned(),
        bytes: vec![0; 512],
    };
    println!("{}", DocumentsSaga::run(&documents, upload).await?);
    Ok(())
}
