//! Numbers of persons (CPR): sealed before they are kept, opened only for who asks to see one.

use crate::engine::Engine;
use crate::error::{ExecuteError, commit_failed};
use sagsgang_domain::register::{Cpr, Fault, Revealed, refusal};
use sagsgang_domain::{
    Caller, ContactId, Record, RecordChange, RecordKind, Rejection, StoredRecord,
};
use sagsgang_store::{Commit, SealedCpr};

impl Engine {
    /// The number of a contact, for one look that stands in its history. `None` where there is none.
    ///
    /// # Errors
    /// When there is no such contact, the caller may not, the number was sealed with a key that is not here, or the
    /// database fails.
    pub async fn reveal_cpr(
        &self,
        caller: &Caller,
        id: ContactId,
    ) -> Result<Option<String>, ExecuteError> {
        let stored = self.store.record(RecordKind::Contact, id.0).await?;
        let stored = stored.ok_or(ExecuteError::NotFound("contact"))?;
        let look = self.judge_reveal(caller, &stored, Revealed::Cpr)?;
        let sealed = self.store.sealed_cprs(&[id]).await?.remove(&id);
        let Some(sealed) = sealed else {
            return Ok(None);
        };
        let opened = self.seal.open(&place(id), &sealed);
        let digits = opened.and_then(|bytes| String::from_utf8(bytes).ok());
        let digits = digits.ok_or_else(|| refusal("cpr", Fault::NoKey))?;
        let commit = Commit {
            records: vec![look],
            ..Commit::default()
        };
        self.store.commit(commit).await.map_err(commit_failed)?;
        let (day, rest) = digits.split_at_checked(6).unwrap_or((&digits, ""));
        Ok(Some(format!("{day}-{rest}")))
    }

    /// A number that is the kept one already is no change. `sealed` is the kept one.
    pub(crate) fn same_cpr(&self, wanted: &mut Record, sealed: Option<&[u8]>) {
        let Record::Contact(contact) = wanted else {
            return;
        };
        let given = contact.cpr.as_ref().and_then(Cpr::text);
        if let (Some(given), Some(sealed)) = (given, sealed)
            && self.seal.open(&place(contact.id), sealed).as_deref() == Some(given.as_bytes())
        {
            contact.cpr = Some(Cpr::kept());
        }
    }

    /// Takes the number out of what was decided and seals it.
    ///
    /// # Errors
    /// When there is no key.
    pub(crate) fn sealed_cpr(
        &self,
        before: Option<&StoredRecord>,
        change: &mut RecordChange,
    ) -> Result<Option<SealedCpr>, Rejection> {
        let Record::Contact(contact) = &mut change.stored.record else {
            return Ok(None);
        };
        let id = contact.id;
        let Some(cpr) = &mut contact.cpr else {
            let had = |known: &StoredRecord| matches!(&known.record, Record::Contact(one) if one.cpr.is_some());
            let gone = before.is_some_and(had);
            return Ok(gone.then_some(SealedCpr {
                contact: id,
                sealed: None,
            }));
        };
        let Some(digits) = cpr.text() else {
            return Ok(None);
        };
        let sealed = self.seal.seal(&place(id), digits.as_bytes());
        let sealed = sealed.ok_or_else(|| refusal("cpr", Fault::NoKey))?;
        *cpr = Cpr::kept();
        Ok(Some(SealedCpr {
            contact: id,
            sealed: Some(sealed),
        }))
    }
}

/// What a sealed number is bound to.
fn place(contact: ContactId) -> String {
    format!("contact/{}/cpr", contact.0)
}
