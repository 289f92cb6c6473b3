use saga_core::saga;

#[derive(Debug, Clone, Default)]
pub struct Record {
    pub email: String,
    pub country: Option<String>,
}

#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    #[error("`{0}` has no comma")]
    Malformed(String),
    #[error("`{0}` is no address")]
    Email(String),
}

pub struct Contacts {
    default_country: String,
}

#[saga(name = "contact-import", vis = pub(crate))]
impl Contacts {
    #[step(readonly)]
    async fn parse(&self, line: &str) -> Result<Record, ImportError> {
        let Some((email, country)) = line.split_once(',') else {
            return Err(ImportError::Malformed(line.to_owned()));
        };
        let country = Some(country.trim().to_owned()).filter(|country| !country.is_empty());
        Ok(Record {
            email: email.trim().to_owned(),
            country,
        })
    }

    #[step(readonly)]
    async fn normalize(&self, record: &mut Record) -> Result<(), ImportError> {
        if !record.email.contains('@') {
            return Err(ImportError::Email(record.email.clone()));
        }
        record.email.make_ascii_lowercase();
        record
            .country
            .get_or_insert_with(|| self.default_country.clone());
        Ok(())
    }

    #[step(compensate = delete_contact)]
    async fn insert(&self, #[from(parse)] record: &Record) -> Result<u64, ImportError> {
        Ok(record.email.len() as u64)
    }

    #[step]
    async fn subscribe(
        &self,
        contact: &u64,
        #[from(parse)] record: &Record,
    ) -> Result<String, ImportError> {
        Ok(format!(
            "{contact}: {} ({:?})",
            record.email, record.country
        ))
    }

    async fn delete_contact(&self, contact: &u64) -> Result<(), ImportError> {
        println!("deleting {contact}");
        Ok(())
    }
}

fn main() {}
