use saga_core::{Saga, saga};

#[derive(Debug, Clone)]
struct Invoice {
    number: String,
    cents: u64,
}

#[derive(Debug)]
struct LedgerEntry(u64);

#[derive(Debug, thiserror::Error)]
enum BillingError {
    #[error("the ledger is locked for closing")]
    Locked,
    #[error("the mail server answered {0}")]
    Smtp(u16),
}

impl BillingError {
    fn is_temporary(&self) -> bool {
        matches!(self, Self::Locked | Self::Smtp(400..=499))
    }
}

struct Billing {
    ledger: std::sync::atomic::AtomicU64,
}

#[saga]
impl Billing {
    #[step(
        compensate = reverse_entry,
        retry(max_attempts = 5, backoff = "250ms..10s", when = BillingError::is_temporary),
        timeout = "3s"
    )]
    async fn book_entry(&self, invoice: &Invoice) -> Result<LedgerEntry, BillingError> {
        use std::sync::atomic::Ordering;

        let sum = self.ledger.fetch_add(invoice.cents, Ordering::Relaxed);
        if sum > 1_000_000_000 {
            return Err(BillingError::Locked);
        }
        Ok(LedgerEntry(invoice.cents))
    }

    #[step(no_compensation = "a mail that was sent stays sent")]
    async fn mail_invoice(&self, #[input] invoice: &Invoice) -> Result<(), BillingError> {
        if invoice.number.is_empty() {
            return Err(BillingError::Smtp(550));
        }
        Ok(())
    }

    #[step]
    async fn mark_as_sent(
        &self,
        #[from(book_entry)] entry: &LedgerEntry,
        #[input] invoice: &Invoice,
    ) -> Result<String, BillingError> {
        Ok(format!("{} over {}", invoice.number, entry.0))
    }

    async fn reverse_entry(&self, entry: &LedgerEntry) -> Result<(), BillingError> {
        self.ledger
            .fetch_sub(entry.0, std::sync::atomic::Ordering::Relaxed);
        Ok(())
    }
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let billing = Billing { ledger: 0.into() };
    let invoice = Invoice {
        number: "2026-0042".to_owned(),
        cents: 19_900,
    };
    println!("{}", BillingSaga::run(&billing, invoice).await?);
    Ok(())
}
