//! Journals that break one rule each. The suite has to find each of them.

use std::sync::Arc;

use crate::InMemoryJournal;
use crate::entry::{Entry, READER};
use crate::id::SagaId;
use crate::journal::{
    Answer, Claim, Count, Created, DefinitionText, Epoch, Journal, JournalError, JournalErrorKind,
    JournalLock, NewSaga, Query, Record, RecordPosition, SagaEntry, SagaKey, SagaState,
};

macro_rules! breaks {
    ($($name:ident,)+) => {
        /// The rule that is broken.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        enum Break {
            $($name,)+
        }

        const ALL: &[Break] = &[$(Break::$name,)+];
    };
}

breaks! {
    SecondLock,
    LockOfAnotherKind,
    EpochStays,
    EpochFallsOnReopening,
    DefinitionReplaced,
    IdsWithoutCase,
    IdsTrimmed,
    CreateFailsWhereItIsThere,
    CreateUnderOldEpoch,
    CreateChecksTheIdBeforeTheEpoch,
    CreateUnderAnyEpoch,
    GapIsFilled,
    OtherRecordIsPassedOver,
    RefusedInPart,
    RefusedSetsTheState,
    StateNeedsARecord,
    StateOfAnEndStays,
    AppendToNone,
    AppendUnderOldEpoch,
    AppendToAnySaga,
    AppendFencedIsWritten,
    AppendFencedIsAConflict,
    ValueEndsAtZero,
    TimeIsSigned,
    SkippedIsLost,
    NoWaitIsLost,
    EndsIsLost,
    RecordsOfNoneFail,
    RecordsReversed,
    FirstIsTheLast,
    EndIsTheLast,
    EndIsTheFirst,
    LastRecordLostOnReopening,
    ListIgnoresAfter,
    ListIgnoresLimit,
    ListIgnoresName,
    ListIgnoresState,
    ListReversed,
    ListIgnoresAge,
    ListIncludesTheMoment,
    AgeIsSigned,
    CountsOfOneState,
    CountsOfNone,
    ClaimUnderOldEpoch,
    ClaimIgnoresDefinition,
    ClaimIgnoresReader,
    ClaimIgnoresLimit,
    ClaimReversed,
    ClaimOwnsNothing,
    ClaimOfOneByDefinition,
    ClaimOfOneByReader,
    ClaimCountsNothing,
    ClaimSkipsOne,
    ClaimsWhatHasEnded,
    LoadedDoesNothing,
    LoadedOfAnySaga,
    LoadedOfNone,
    LoadedUnderOldEpoch,
    AppendKeepsLoads,
    RefusedClearsLoads,
    LoadsLostOnReopening,
    MinReaderOfTheFirst,
    MinReaderOfTheLast,
    RefusedRaisesMinReader,
    NewerIsRead,
    NewerIsCorrupt,
    NewerIsNotFound,
    NewerIsNotListed,
}

/// The journal in memory, with one rule broken.
#[derive(Clone)]
struct Broken {
    kept: InMemoryJournal,
    how: Break,
    reopened: u64,
}

fn error(kind: JournalErrorKind) -> JournalError {
    JournalError::new(kind, "broken on purpose, with a text that is long enough")
}

impl Broken {
    fn new(how: Break) -> Self {
        Self {
            kept: InMemoryJournal::new(),
            how,
            reopened: 0,
        }
    }

    fn reopened(self) -> Self {
        self.kept.edit(|_, entry, records| {
            if self.how == Break::LastRecordLostOnReopening && records.len() > 2 {
                records.pop();
            }
            if self.how == Break::LoadsLostOnReopening {
                entry.loads = 0;
            }
        });
        Self {
            reopened: self.reopened + 1,
            ..self
        }
    }

    fn is(&self, how: Break) -> bool {
        self.how == how
    }

    /// The epoch of a call. Replaces an old epoch by the newest one if the broken rule is `how`: that the epoch is
    /// checked.
    fn epoch(&self, how: Break, epoch: Epoch) -> Epoch {
        let newest = self.kept.newest_epoch();
        if self.is(how) && epoch < newest && epoch.0 > 0 {
            newest
        } else {
            epoch
        }
    }

    fn there(&self, key: SagaKey) -> Option<SagaEntry> {
        let mut there = None;
        self.kept.edit(|_, entry, _| {
            if entry.key == key {
                there = Some(entry.clone());
            }
        });
        there
    }

    fn owns(&self, epoch: Epoch, key: SagaKey) {
        self.kept.edit(|owner, entry, _| {
            if entry.key == key {
                *owner = epoch;
            }
        });
    }

    fn id(&self, id: &SagaId) -> SagaId {
        match self.how {
            Break::IdsWithoutCase => SagaId::new(id.to_string().to_lowercase()),
            Break::IdsTrimmed => SagaId::new(id.to_string().trim().to_owned()),
            _ => id.clone(),
        }
    }

    fn read(&self, mut record: Record) -> Record {
        match (self.how, &mut record.entry) {
            (Break::SkippedIsLost, Entry::Completed { skipped, .. }) => *skipped = false,
            (Break::EndsIsLost, Entry::Completed { ends, .. }) => *ends = false,
            (Break::NoWaitIsLost, Entry::Failed { wait, .. }) if *wait == Some(0) => *wait = None,
            _ => {}
        }
        if self.is(Break::ValueEndsAtZero) {
            let end = record.value.iter().position(|byte| *byte == 0);
            record.value.truncate(end.unwrap_or(record.value.len()));
        }
        if self.is(Break::TimeIsSigned) {
            record.at = record.at.min(i64::MAX.unsigned_abs());
        }
        record
    }

    async fn appended(
        &self,
        epoch: Epoch,
        key: SagaKey,
        records: Arc<[Record]>,
        state: Option<SagaState>,
    ) -> Result<(), JournalError> {
        let mut batch = records.to_vec();
        let mut state = state;
        let before = self.there(key);
        let newest = self.kept.newest_epoch();
        let is_newest = epoch == newest;
        if self.is(Break::AppendToAnySaga) && is_newest {
            self.owns(epoch, key);
        }
        if self.is(Break::AppendFencedIsWritten) && epoch < newest && epoch.0 > 0 {
            self.owns(newest, key);
            let _ = self.kept.append(newest, key, batch.into(), state).await;
            return Err(error(JournalErrorKind::Fenced));
        }
        let kept = self.kept.records_of(key);
        let next = u64::try_from(kept.len()).unwrap_or_default();
        if before.is_some() {
            match self.how {
                Break::GapIsFilled => {
                    for (number, record) in (next..).zip(&mut batch) {
                        if record.number > number {
                            record.number = number;
                        }
                    }
                }
                Break::OtherRecordIsPassedOver => {
                    batch.retain(|record| record.number >= next);
                }
                Break::StateNeedsARecord if batch.is_empty() => state = None,
                Break::StateOfAnEndStays => {
                    let is_open = |entry: &SagaEntry| entry.state == SagaState::Unfinished;
                    if !before.as_ref().is_some_and(is_open) {
                        state = None;
                    }
                }
                _ => {}
            }
        } else if self.is(Break::AppendToNone) && is_newest {
            return Ok(());
        }
        let epoch = self.epoch(Break::AppendUnderOldEpoch, epoch);
        if self.is(Break::AppendUnderOldEpoch) {
            self.owns(epoch, key);
        }
        let answer = self
            .kept
            .append(epoch, key, batch.clone().into(), state)
            .await;
        let Err(refused) = answer else {
            self.kept.edit(|_, entry, records| {
                if entry.key != key {
                    return;
                }
                let readers = || records.iter().map(|record| record.min_reader);
                match self.how {
                    Break::AppendKeepsLoads => {
                        entry.loads = before.as_ref().map_or(0, |before| before.loads);
                    }
                    Break::MinReaderOfTheFirst => {
                        entry.min_reader = readers().next().unwrap_or_default();
                    }
                    Break::MinReaderOfTheLast => {
                        entry.min_reader = readers().next_back().unwrap_or_default();
                    }
                    _ => {}
                }
            });
            return Ok(());
        };
        if self.is(Break::AppendFencedIsAConflict) {
            return Err(error(JournalErrorKind::Conflict));
        }
        if refused.kind() == JournalErrorKind::Conflict {
            self.kept.edit(|_, entry, records| {
                if entry.key != key {
                    return;
                }
                match self.how {
                    Break::RefusedInPart => {
                        let next = batch.iter().find(|record| record.number == next);
                        records.extend(next.cloned());
                    }
                    Break::RefusedSetsTheState => entry.state = state.unwrap_or(entry.state),
                    Break::RefusedClearsLoads => entry.loads = 0,
                    Break::RefusedRaisesMinReader => {
                        let readers = batch.iter().map(|record| record.min_reader);
                        entry.min_reader = entry.min_reader.max(readers.max().unwrap_or_default());
                    }
                    _ => {}
                }
            });
        }
        Err(refused)
    }

    async fn claimed(&self, epoch: Epoch, claim: Claim) -> Result<Vec<SagaEntry>, JournalError> {
        let epoch = self.epoch(Break::ClaimUnderOldEpoch, epoch);
        let mut claim = claim;
        if let Claim::Next {
            definitions,
            reader,
            limit,
        } = &mut claim
        {
            match self.how {
                Break::ClaimIgnoresDefinition => *definitions = self.kept.all_definitions(),
                Break::ClaimIgnoresReader => *reader = u32::MAX,
                Break::ClaimIgnoresLimit => *limit = usize::MAX,
                _ => {}
            }
        }
        if let (Claim::One(key), true) = (&claim, epoch == self.kept.newest_epoch())
            && let Some(there) = self.there(*key)
        {
            let misses = match self.how {
                Break::ClaimOfOneByDefinition => there.definition == 0,
                Break::ClaimOfOneByReader => there.min_reader > READER,
                _ => false,
            };
            if misses {
                return Ok(Vec::new());
            }
        }
        let ended = Break::ClaimsWhatHasEnded;
        if self.is(ended) {
            self.kept.edit(|_, entry, _| {
                if entry.state == SagaState::Stuck {
                    entry.state = SagaState::Unfinished;
                }
            });
        }
        let owners = self.kept.owners();
        let mut claimed = self.kept.claim(epoch, claim).await?;
        match self.how {
            Break::ClaimReversed => claimed.reverse(),
            Break::ClaimOwnsNothing => {
                for entry in &claimed {
                    let owner = owners.iter().find(|(key, _)| *key == entry.key);
                    self.owns(owner.map_or(epoch, |(_, owner)| *owner), entry.key);
                }
            }
            Break::ClaimCountsNothing => {
                for entry in &mut claimed {
                    entry.loads -= 1;
                    let key = entry.key;
                    self.kept.edit(|_, entry, _| {
                        entry.loads -= u32::from(entry.key == key);
                    });
                }
            }
            Break::ClaimSkipsOne if claimed.len() > 3 => {
                claimed.remove(1);
            }
            _ => {}
        }
        Ok(claimed)
    }
}

impl Journal for Broken {
    fn lock(&self) -> Answer<'_, JournalLock> {
        Box::pin(async move {
            let lock = match self.kept.lock().await {
                Err(_) if self.is(Break::SecondLock) => self.kept.with_broken_lock().lock().await?,
                Err(_) if self.is(Break::LockOfAnotherKind) => {
                    return Err(error(JournalErrorKind::Unavailable));
                }
                lock => lock?,
            };
            let epoch = match self.how {
                Break::EpochStays => Epoch(1),
                Break::EpochFallsOnReopening if self.reopened > 0 => Epoch(1),
                _ => lock.epoch(),
            };
            self.kept.set_newest_epoch(epoch);
            Ok(JournalLock::new(epoch, lock))
        })
    }

    fn define(&self, definition: DefinitionText) -> Answer<'_, ()> {
        if self.is(Break::DefinitionReplaced) {
            self.kept.forget_definition(definition.hash);
        }
        self.kept.define(definition)
    }

    fn definition(&self, hash: u64) -> Answer<'_, Option<String>> {
        self.kept.definition(hash)
    }

    fn create(&self, epoch: Epoch, saga: NewSaga) -> Answer<'_, Created> {
        Box::pin(async move {
            let mut saga = saga;
            saga.id = self.id(&saga.id);
            let there = self.kept.find(&saga.id).await?;
            if let Some(there) = there {
                if self.is(Break::CreateChecksTheIdBeforeTheEpoch) {
                    return Ok(Created::Existing(there));
                }
                if self.is(Break::CreateFailsWhereItIsThere) {
                    return Err(error(JournalErrorKind::Conflict));
                }
            }
            let mut epoch = self.epoch(Break::CreateUnderOldEpoch, epoch);
            if self.is(Break::CreateUnderAnyEpoch) && epoch > self.kept.newest_epoch() {
                epoch = self.kept.newest_epoch();
            }
            self.kept.create(epoch, saga).await
        })
    }

    fn append(
        &self,
        epoch: Epoch,
        saga: SagaKey,
        records: Arc<[Record]>,
        state: Option<SagaState>,
    ) -> Answer<'_, ()> {
        Box::pin(self.appended(epoch, saga, records, state))
    }

    fn claim(&self, epoch: Epoch, claim: Claim) -> Answer<'_, Vec<SagaEntry>> {
        Box::pin(self.claimed(epoch, claim))
    }

    fn loaded(&self, epoch: Epoch, saga: SagaKey) -> Answer<'_, ()> {
        let epoch = self.epoch(Break::LoadedUnderOldEpoch, epoch);
        match self.how {
            Break::LoadedDoesNothing => {
                let loads = self.there(saga).map(|entry| entry.loads);
                Box::pin(async move {
                    self.kept.loaded(epoch, saga).await?;
                    self.kept.edit(|_, entry, _| {
                        if entry.key == saga {
                            entry.loads = loads.unwrap_or_default();
                        }
                    });
                    Ok(())
                })
            }
            Break::LoadedOfNone if self.there(saga).is_none() => Box::pin(async { Ok(()) }),
            Break::LoadedUnderOldEpoch | Break::LoadedOfAnySaga
                if epoch == self.kept.newest_epoch() =>
            {
                self.owns(epoch, saga);
                self.kept.loaded(epoch, saga)
            }
            _ => self.kept.loaded(epoch, saga),
        }
    }

    fn find(&self, id: &SagaId) -> Answer<'_, Option<SagaEntry>> {
        let id = self.id(id);
        Box::pin(async move {
            let found = self.kept.find(&id).await?;
            let hidden = self.is(Break::NewerIsNotFound);
            Ok(found.filter(|entry| !hidden || entry.min_reader <= READER))
        })
    }

    fn records(&self, saga: SagaKey) -> Answer<'_, Vec<Record>> {
        Box::pin(async move {
            if self.is(Break::RecordsOfNoneFail) && self.there(saga).is_none() {
                return Err(error(JournalErrorKind::Conflict));
            }
            let records = match self.kept.records(saga).await {
                Err(_) if self.is(Break::NewerIsRead) => self.kept.records_of(saga),
                Err(_) if self.is(Break::NewerIsCorrupt) => {
                    return Err(error(JournalErrorKind::Corrupt));
                }
                records => records?,
            };
            let records = records.into_iter().map(|record| self.read(record));
            let mut records: Vec<_> = records.collect();
            if self.is(Break::RecordsReversed) {
                records.reverse();
            }
            Ok(records)
        })
    }

    fn record(&self, saga: SagaKey, position: RecordPosition) -> Answer<'_, Option<Record>> {
        Box::pin(async move {
            let records = self.kept.records(saga).await?;
            let mut ends = records.iter().filter(|record| record.entry.is_end());
            let (first, last) = (records.first().cloned(), records.last().cloned());
            Ok(match position {
                RecordPosition::First if self.is(Break::FirstIsTheLast) => last,
                RecordPosition::First => first,
                RecordPosition::End if self.is(Break::EndIsTheLast) => last,
                RecordPosition::End if self.is(Break::EndIsTheFirst) => first,
                RecordPosition::End => ends.next_back().cloned(),
            })
        })
    }

    fn list(&self, query: Query) -> Answer<'_, Vec<SagaEntry>> {
        Box::pin(async move {
            let mut query = query;
            match self.how {
                Break::ListIgnoresAfter => query.after = None,
                Break::ListIgnoresLimit => query.limit = usize::MAX,
                Break::ListIgnoresName => query.saga = None,
                Break::ListIgnoresState => query.state = None,
                Break::ListIgnoresAge => query.created_before = None,
                Break::ListIncludesTheMoment => {
                    query.created_before = query.created_before.map(|at| at.saturating_add(1));
                }
                Break::AgeIsSigned => {
                    let signed = |at: u64| if at.cast_signed() < 0 { 0 } else { at };
                    query.created_before = query.created_before.map(signed);
                }
                _ => {}
            }
            let mut listed = self.kept.list(query).await?;
            if self.is(Break::ListReversed) {
                listed.reverse();
            }
            if self.is(Break::NewerIsNotListed) {
                listed.retain(|entry| entry.min_reader <= READER);
            }
            Ok(listed)
        })
    }

    fn counts(&self) -> Answer<'_, Vec<Count>> {
        Box::pin(async move {
            let mut counts = self.kept.counts().await?;
            match self.how {
                Break::CountsOfOneState => {
                    counts.retain(|count| count.state != SagaState::Compensated);
                }
                Break::CountsOfNone => counts.push(Count {
                    saga: "no saga".into(),
                    state: SagaState::Stuck,
                    sagas: 0,
                }),
                _ => {}
            }
            Ok(counts)
        })
    }
}

/// Returns what the suite reports of a journal that breaks this rule.
async fn said(how: Break) -> Option<String> {
    let suite = tokio::spawn(async move {
        let fresh = move || Broken::new(how);
        super::check_reopened(fresh, Broken::reopened).await;
    });
    let panicked = suite.await.err()?.into_panic();
    let text = panicked.downcast_ref::<String>().cloned();
    Some(text.unwrap_or_default())
}

#[tokio::test(flavor = "multi_thread")]
async fn each_rule_that_a_journal_breaks_is_found_and_named() {
    let mut unnoticed = Vec::new();
    for &how in ALL {
        match said(how).await {
            Some(text) if text.starts_with("this journal breaks a rule: ") => {}
            other => unnoticed.push((how, other)),
        }
    }
    assert!(unnoticed.is_empty(), "{unnoticed:?}");
    assert_eq!(ALL.len(), 68);
}
