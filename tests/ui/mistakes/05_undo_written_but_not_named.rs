use std::net::Ipv4Addr;
use std::sync::Arc;

use saga_core::{StepContext, saga};

#[derive(Debug, Clone)]
pub struct TenantSpec {
    pub slug: String,
    pub region: String,
}

#[derive(Debug)]
pub struct Vm {
    pub id: String,
    pub address: Ipv4Addr,
}

#[derive(Debug)]
pub struct DnsRecord {
    pub fqdn: String,
}

#[derive(Debug, thiserror::Error)]
#[error("{operation} failed with status {status}")]
pub struct CloudError {
    operation: &'static str,
    status: u16,
}

pub struct Cloud;

impl Cloud {
    async fn call(&self, operation: &'static str, argument: &str) -> Result<(), CloudError> {
        if argument.is_empty() {
            return Err(CloudError {
                operation,
                status: 400,
            });
        }
        Ok(())
    }
}

pub struct Provisioner {
    cloud: Arc<Cloud>,
}

#[saga(name = "provision", vis = pub(crate))]
impl Provisioner {
    #[step(compensate = destroy_vm, timeout = "2m")]
    async fn create_vm(&self, spec: &TenantSpec, ctx: &StepContext) -> Result<Vm, CloudError> {
        self.cloud.call("create_vm", &spec.region).await?;
        Ok(Vm {
            id: ctx.idempotency_key(),
            address: Ipv4Addr::LOCALHOST,
        })
    }

    #[step(timeout = "10s")]
    async fn create_dns_record(
        &self,
        vm: &Vm,
        #[input] spec: &TenantSpec,
    ) -> Result<DnsRecord, CloudError> {
        let fqdn = format!("{}.example.com", spec.slug);
        self.cloud
            .call("create_record", &format!("{fqdn} A {}", vm.address))
            .await?;
        Ok(DnsRecord { fqdn })
    }

    #[step]
    async fn issue_certificate(&self, record: &DnsRecord) -> Result<String, CloudError> {
        self.cloud.call("issue_certificate", &record.fqdn).await?;
        Ok(record.fqdn.clone())
    }

    async fn destroy_vm(&self, vm: &Vm) -> Result<(), CloudError> {
        self.cloud.call("destroy_vm", &vm.id).await
    }

    async fn delete_dns_record(&self, record: &DnsRecord) -> Result<(), CloudError> {
        self.cloud.call("delete_record", &record.fqdn).await
    }
}

fn main() {}
