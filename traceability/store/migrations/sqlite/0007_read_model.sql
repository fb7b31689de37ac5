-- name: read model
-- Times are seconds since 1970, UTC. Empty text stands for "not stated", so that
-- no column is NULL. No key is made by the database. The large tables are in the
-- order of the ledger: their key is the position of the document that a row comes
-- of (block * 2^24 + place in the block), so that new rows come at the end. Their
-- indexes are in table.go, for they can be made when the tables are full.

-- The blocks that the read model contains; the last one is the cursor.
CREATE TABLE blocks (
    number BIGINT NOT NULL PRIMARY KEY,
    hash   TEXT   NOT NULL,
    time   BIGINT NOT NULL
) WITHOUT ROWID;

-- Signed documents. Id, type, party, key and date are in the JWS itself.
CREATE TABLE documents (
    position INTEGER NOT NULL PRIMARY KEY,
    prefix   BIGINT  NOT NULL, -- the first 64 bits of the id
    record   TEXT    NOT NULL, -- the state key that it wrote
    tx       TEXT    NOT NULL,
    time     BIGINT  NOT NULL, -- of the transaction
    jws      TEXT    NOT NULL
);

CREATE TABLE parties (
    id       TEXT NOT NULL PRIMARY KEY,
    kind     TEXT NOT NULL,
    province TEXT NOT NULL,
    status   TEXT NOT NULL,
    name     TEXT NOT NULL, -- as admitted, with the division; empty for a province
    name_en  TEXT NOT NULL,
    division TEXT NOT NULL,
    keys     TEXT NOT NULL, -- JSON: []KeyPeriod
    remarks  TEXT NOT NULL  -- JSON: []Remark, or empty
) WITHOUT ROWID;
CREATE INDEX parties_by_kind ON parties (kind, id);
CREATE INDEX parties_by_province ON parties (province, id);

-- The documents about a party, in the order of the ledger.
CREATE TABLE party_documents (
    party    TEXT   NOT NULL,
    document BIGINT NOT NULL,
    PRIMARY KEY (party, document)
) WITHOUT ROWID;

-- What a trace tells of a lot stands here, so that it need not read documents.
CREATE TABLE lots (
    document   INTEGER NOT NULL PRIMARY KEY,
    id         TEXT    NOT NULL,
    registrant TEXT    NOT NULL,
    product    TEXT    NOT NULL,
    product_en TEXT    NOT NULL,
    date       TEXT    NOT NULL,
    division   TEXT    NOT NULL,
    remarks    TEXT    NOT NULL
);

-- Whose a GTIN is.
CREATE TABLE gtins (
    prefix   TEXT NOT NULL PRIMARY KEY, -- of the ids of its lots: 01/06901234567892/
    owner    TEXT NOT NULL,
    assigned TEXT NOT NULL -- the id of the document by which a regulator said so, or empty
) WITHOUT ROWID;

CREATE TABLE events (
    document INTEGER NOT NULL PRIMARY KEY,
    id       TEXT    NOT NULL,
    party    TEXT    NOT NULL,
    time     BIGINT  NOT NULL,
    type     TEXT    NOT NULL,
    receiver TEXT    NOT NULL, -- of a shipment, or empty
    remarks  TEXT    NOT NULL
);

-- Every lot that an event names. Its role is in or out, for what went into an
-- event and what came of it: the ways of a trace; or at, for every lot of an
-- event that does not lead from lots to lots. An event of 500 inputs and 500
-- outputs has 1,000 rows here; a table of links from lot to lot would have
-- 250,000, for one signed document.
CREATE TABLE event_lots (
    document BIGINT NOT NULL, -- of the event
    role     TEXT   NOT NULL,
    lot      TEXT   NOT NULL,
    time     BIGINT NOT NULL, -- and id, of the event
    event    TEXT   NOT NULL,
    amount   TEXT   NOT NULL, -- value and unit, or empty
    PRIMARY KEY (document, role, lot)
) WITHOUT ROWID;

CREATE TABLE reports (
    document      INTEGER NOT NULL PRIMARY KEY,
    id            TEXT    NOT NULL,
    lab           TEXT    NOT NULL,
    lot           TEXT    NOT NULL,
    sampling_no   TEXT    NOT NULL,
    superseded_by TEXT    NOT NULL, -- the next revision, or empty
    out_of_scope  TEXT    NOT NULL, -- JSON: []int, or empty
    remarks       TEXT    NOT NULL
);
CREATE INDEX reports_by_id ON reports (id);
CREATE INDEX reports_by_lab ON reports (lab, document);
CREATE INDEX reports_by_lot ON reports (lot, document);
CREATE INDEX reports_by_sampling_no ON reports (sampling_no, document);

-- The rules of mutual recognition, a row for each version.
CREATE TABLE recognition_rules (
    accepting TEXT    NOT NULL,
    rule      TEXT    NOT NULL,
    version   BIGINT  NOT NULL,
    document  BIGINT  NOT NULL,
    remarks   TEXT    NOT NULL,
    PRIMARY KEY (accepting, rule, version)
) WITHOUT ROWID;

-- The provinces' decisions. A decision counts in its month unless the same
-- province decided again, on the same parameter of the same report, in that month.
CREATE TABLE recognitions (
    document   INTEGER NOT NULL PRIMARY KEY,
    report     TEXT    NOT NULL,
    parameter  TEXT    NOT NULL, -- folded
    accepting  TEXT    NOT NULL,
    issuing    TEXT    NOT NULL,
    lot        TEXT    NOT NULL, -- of the report's sample, or empty
    month      TEXT    NOT NULL, -- 2006-01, in China
    outcome    TEXT    NOT NULL,
    next_month TEXT    NOT NULL, -- of the next decision, or empty
    evaluation TEXT    NOT NULL  -- JSON: Evaluation
);
CREATE INDEX recognitions_by_report ON recognitions (report, document);
CREATE INDEX recognitions_by_lot ON recognitions (lot, document);
CREATE INDEX recognitions_by_month ON recognitions (month, issuing, accepting, outcome, next_month, lot);

-- The notices about failed samples, each as it stands. The body holds all of it;
-- the other columns are what is searched. Issued and id order the lists.
CREATE TABLE notices (
    id     TEXT   NOT NULL PRIMARY KEY,
    issued BIGINT NOT NULL,
    state  TEXT   NOT NULL,
    public BIGINT NOT NULL, -- 1 once a row of it was published, else 0
    lot    TEXT   NOT NULL,
    body   TEXT   NOT NULL, -- JSON: Notice without the past
    past   TEXT   NOT NULL  -- JSON: who did what, and the periods, those that ended too
);

-- Whom a notice concerns, and until when the next of each one's periods runs: 0
-- when a period cannot be counted, the largest number when none runs.
CREATE TABLE notice_parties (
    party  TEXT   NOT NULL,
    notice TEXT   NOT NULL,
    state  TEXT   NOT NULL,
    due    BIGINT NOT NULL,
    public BIGINT NOT NULL, -- as of the notice
    lot    TEXT   NOT NULL, -- as of the notice
    PRIMARY KEY (party, notice)
) WITHOUT ROWID;

-- The documents of a notice, in the order of the ledger.
CREATE TABLE notice_documents (
    notice   TEXT   NOT NULL,
    document BIGINT NOT NULL,
    PRIMARY KEY (notice, document)
) WITHOUT ROWID;

-- How often a province issued, acknowledged or closed notices on a day (in China),
-- by the whole hours that it took; -1 where that is not known or nothing takes time.
-- Counts, so that comparing the provinces does not read every notice.
CREATE TABLE notice_counts (
    what     TEXT NOT NULL,
    province TEXT NOT NULL,
    hours    BIGINT NOT NULL,
    day      TEXT NOT NULL,
    n        BIGINT NOT NULL,
    PRIMARY KEY (what, province, hours, day)
) WITHOUT ROWID;

-- Which notice is about a report, by what all revisions of it have in common.
CREATE TABLE notice_reports (
    series TEXT NOT NULL PRIMARY KEY,
    notice TEXT NOT NULL,
    report TEXT NOT NULL -- the revision that the notice is about
) WITHOUT ROWID;
CREATE INDEX notice_reports_by_report ON notice_reports (report);

-- The entries of companies' credit records, each as it stands.
CREATE TABLE credits (
    company TEXT NOT NULL,
    id      TEXT NOT NULL,
    body    TEXT NOT NULL, -- JSON: Credit
    PRIMARY KEY (company, id)
) WITHOUT ROWID;

-- Which of these entries bar the company from platforms: the few that verification
-- looks at.
CREATE TABLE platform_bars (
    company TEXT NOT NULL,
    entry   TEXT NOT NULL,
    PRIMARY KEY (company, entry)
) WITHOUT ROWID;

-- Recalls, each as it stands; see notices.
CREATE TABLE recalls (
    id     TEXT   NOT NULL PRIMARY KEY,
    opened BIGINT NOT NULL,
    state  TEXT   NOT NULL,
    public BIGINT NOT NULL, -- 1 while it is announced, else 0
    notice TEXT   NOT NULL, -- or empty
    body   TEXT   NOT NULL  -- JSON: Recall
) WITHOUT ROWID;
CREATE INDEX recalls_by_opened ON recalls (opened, id);
CREATE INDEX recalls_by_state ON recalls (state, opened, id);
CREATE INDEX recalls_by_public ON recalls (public, opened, id);
CREATE INDEX recalls_by_notice ON recalls (notice, opened, id);

-- Whom a recall concerns.
CREATE TABLE recall_parties (
    party  TEXT   NOT NULL,
    opened BIGINT NOT NULL,
    recall TEXT   NOT NULL,
    PRIMARY KEY (party, opened, recall)
) WITHOUT ROWID;

-- The documents of a recall, in the order of the ledger, and which act each is;
-- an opening is none.
CREATE TABLE recall_documents (
    recall   TEXT   NOT NULL,
    document BIGINT NOT NULL,
    act      TEXT   NOT NULL,
    PRIMARY KEY (recall, document)
) WITHOUT ROWID;
CREATE INDEX recall_documents_by_act ON recall_documents (act, recall);

-- The lots that an announced recall covers: those it begins with and, when it says
-- so, all that came of them, also later. Since is the position at which a lot came
-- under it; distance, by how many events it was reached then.
CREATE TABLE recall_lots (
    lot      TEXT   NOT NULL,
    recall   TEXT   NOT NULL,
    since    BIGINT NOT NULL,
    distance BIGINT NOT NULL,
    spreads  BIGINT NOT NULL, -- 1 when what is made of the lot is recalled too, else 0
    PRIMARY KEY (lot, recall)
) WITHOUT ROWID;
CREATE INDEX recall_lots_by_recall ON recall_lots (recall);

-- What was done with lots after they came under a recall, one for an event and a
-- recall, and who is told of it.
CREATE TABLE alerts (
    document BIGINT NOT NULL, -- of the event
    recall   TEXT   NOT NULL,
    body     TEXT   NOT NULL, -- JSON: Alert
    PRIMARY KEY (document, recall)
) WITHOUT ROWID;
CREATE INDEX alerts_by_recall ON alerts (recall, document);
CREATE TABLE alert_parties (
    party    TEXT   NOT NULL,
    document BIGINT NOT NULL,
    recall   TEXT   NOT NULL,
    PRIMARY KEY (party, document, recall)
) WITHOUT ROWID;
CREATE INDEX alert_parties_by_recall ON alert_parties (party, recall, document);

-- Who is told what, in the order of the ledger: a row for each audience of a
-- signal. The position is that of the document which caused it.
CREATE TABLE feed (
    audience TEXT   NOT NULL, -- a party, or public
    position BIGINT NOT NULL,
    kind     TEXT   NOT NULL,
    subject  TEXT   NOT NULL, -- a state key
    time     BIGINT NOT NULL,
    province TEXT   NOT NULL,
    signer   TEXT   NOT NULL,
    urgent   BIGINT NOT NULL, -- 1 or 0
    PRIMARY KEY (audience, position, kind, subject)
) WITHOUT ROWID;

-- What was ever published, since when, and the names that it may be looked up by:
-- lower case, folded, a line for the product and one for the claimed producer;
-- empty while nothing of it stands published.
CREATE TABLE published_notices (
    notice    TEXT   NOT NULL PRIMARY KEY,
    published BIGINT NOT NULL,
    text      TEXT   NOT NULL
) WITHOUT ROWID;

-- The pairs of characters in these names, and in those that stood there before.
CREATE TABLE published_words (
    word      TEXT   NOT NULL,
    published BIGINT NOT NULL,
    notice    TEXT   NOT NULL,
    PRIMARY KEY (word, published, notice)
) WITHOUT ROWID;

-- Where parties want their signals sent, each as it stands.
CREATE TABLE webhooks (
    party    TEXT   NOT NULL,
    ref      TEXT   NOT NULL,
    active   BIGINT NOT NULL, -- 1 or 0
    document BIGINT NOT NULL,
    PRIMARY KEY (party, ref)
) WITHOUT ROWID;
CREATE INDEX webhooks_by_active ON webhooks (active, party, ref);

-- The register of licences: what is searched, and the checksum of the row as it was
-- registered last. What a licence says is in its documents.
CREATE TABLE licences (
    id       TEXT NOT NULL PRIMARY KEY,
    number   TEXT NOT NULL, -- as printed
    province TEXT NOT NULL, -- that issued it
    division TEXT NOT NULL, -- of the premises
    holder   TEXT NOT NULL, -- USCC, or empty
    content  BIGINT NOT NULL, -- the place of the document that was registered last
    halt     TEXT NOT NULL, -- suspended, revoked, cancelled or empty
    sum      TEXT NOT NULL, -- of the row, SHA-256
    remarks  TEXT NOT NULL  -- JSON: []Remark, or empty
) WITHOUT ROWID;
CREATE INDEX licences_by_province ON licences (province, id, sum);
CREATE INDEX licences_by_division ON licences (division, id);
CREATE INDEX licences_by_holder ON licences (holder, id);
CREATE INDEX licences_by_number ON licences (number, id);

-- What holds of a licence from a day on. A change may move the days of those that
-- were there: rows of an older version than the newest are taken away.
CREATE TABLE licence_periods (
    licence  TEXT   NOT NULL,
    from_day TEXT   NOT NULL,
    version  BIGINT NOT NULL, -- how many documents the licence had
    begun_by BIGINT NOT NULL, -- the place of the document that began it
    halt     TEXT   NOT NULL, -- suspended, revoked, cancelled or empty
    body     TEXT   NOT NULL, -- JSON: Licence, so that thousands are looked up at once
    PRIMARY KEY (licence, from_day)
) WITHOUT ROWID;

-- The documents of a licence.
CREATE TABLE licence_documents (
    licence  TEXT   NOT NULL,
    place    BIGINT NOT NULL, -- from 0, in the order of the ledger
    document BIGINT NOT NULL,
    PRIMARY KEY (licence, place)
) WITHOUT ROWID;

-- The shops of platforms as they were last declared: what is searched.
CREATE TABLE listings (
    platform TEXT   NOT NULL,
    shop     TEXT   NOT NULL,
    since    BIGINT NOT NULL, -- of the period that is in force
    licence  TEXT   NOT NULL, -- the number shown, folded
    division TEXT   NOT NULL,
    removed  BIGINT NOT NULL, -- 1 or 0
    PRIMARY KEY (platform, shop)
) WITHOUT ROWID;
CREATE INDEX listings_by_licence ON listings (licence, platform, shop, removed);
CREATE INDEX listings_by_division ON listings (division, platform, shop);

-- How a shop's page stood from the first to the last time that it was read so.
CREATE TABLE listing_periods (
    platform    TEXT   NOT NULL,
    shop        TEXT   NOT NULL,
    since       BIGINT NOT NULL,
    last        BIGINT NOT NULL,
    declaration TEXT   NOT NULL, -- the ref of the last
    block       BIGINT NOT NULL, -- that has it
    body        TEXT   NOT NULL, -- JSON: Shop
    PRIMARY KEY (platform, shop, since)
) WITHOUT ROWID;

-- The parts of full snapshots that have come, and the snapshots that are whole. A
-- shop that was last declared before the begin of a whole one is no longer listed.
CREATE TABLE snapshot_parts (
    platform TEXT   NOT NULL,
    snapshot TEXT   NOT NULL,
    parts    BIGINT NOT NULL,
    part     BIGINT NOT NULL,
    at       BIGINT NOT NULL, -- when its pages were read
    block    BIGINT NOT NULL,
    PRIMARY KEY (platform, snapshot, parts, part)
) WITHOUT ROWID;
CREATE TABLE snapshots (
    platform TEXT   NOT NULL,
    begin_at BIGINT NOT NULL, -- when the first of its pages were read
    snapshot TEXT   NOT NULL,
    parts    BIGINT NOT NULL,
    end_at   BIGINT NOT NULL, -- when the last were
    block    BIGINT NOT NULL, -- that made it whole
    PRIMARY KEY (platform, begin_at, snapshot, parts)
) WITHOUT ROWID;

-- What the latest verification of a platform's shop came to, and when the next is due.
-- A shop that was listed and never verified has a row too, of zeros.
CREATE TABLE verifications (
    platform TEXT NOT NULL,
    shop     TEXT NOT NULL,
    due      BIGINT NOT NULL, -- 0: never verified, or unknown
    at       BIGINT NOT NULL, -- when it was compared; 0: never
    height   BIGINT NOT NULL, -- of the register that it was compared with
    ref      TEXT NOT NULL, -- of the record
    licence  TEXT NOT NULL, -- as shown
    verdict  TEXT NOT NULL,
    codes    TEXT NOT NULL, -- with commas between
    PRIMARY KEY (platform, shop)
) WITHOUT ROWID;
CREATE INDEX verifications_by_due ON verifications (platform, due, shop);

-- Every verification of a shop that was the latest when it came.
CREATE TABLE verification_history (
    platform TEXT NOT NULL,
    shop     TEXT NOT NULL,
    at       INTEGER NOT NULL,
    ref      TEXT NOT NULL, -- of the record
    due      INTEGER NOT NULL, -- 0: unknown
    height   INTEGER NOT NULL, -- of the register that it was compared with
    licence  TEXT NOT NULL, -- as shown
    verdict  TEXT NOT NULL,
    codes    TEXT NOT NULL, -- with commas between
    PRIMARY KEY (platform, shop, at, ref)
) WITHOUT ROWID;

-- What the provinces agree on, a row for each revision as it stands. The body is
-- what they signed; the other columns are what is searched.
CREATE TABLE agreements (
    record   TEXT   NOT NULL, -- the state key
    revision BIGINT NOT NULL,
    kind     TEXT   NOT NULL, -- of its documents
    hazard   TEXT   NOT NULL, -- of a limit, or empty
    category TEXT   NOT NULL, -- of a limit, folded, or empty
    in_force BIGINT NOT NULL, -- 1 once it came into force, else 0
    body     TEXT   NOT NULL, -- JSON: the payload
    PRIMARY KEY (record, revision)
) WITHOUT ROWID;
CREATE INDEX agreements_by_kind ON agreements (kind, record, revision);
CREATE INDEX agreements_by_hazard ON agreements (kind, hazard, record, revision);
CREATE INDEX agreements_by_category ON agreements (kind, category, record, revision);

-- The signatures under them; effect is 1 for the one that brought it into force.
CREATE TABLE agreement_documents (
    record   TEXT   NOT NULL,
    revision BIGINT NOT NULL,
    document BIGINT NOT NULL,
    kind     TEXT   NOT NULL,
    effect   BIGINT NOT NULL,
    PRIMARY KEY (record, revision, document)
) WITHOUT ROWID;
CREATE INDEX agreement_documents_by_effect ON agreement_documents (kind, effect, document);

-- The joint consultations, each as it stands.
CREATE TABLE consultations (
    id     TEXT   NOT NULL PRIMARY KEY,
    opened BIGINT NOT NULL,
    state  TEXT   NOT NULL,
    public BIGINT NOT NULL, -- 1 once a summary of it was published, else 0
    body   TEXT   NOT NULL  -- JSON: Consultation
) WITHOUT ROWID;
CREATE INDEX consultations_by_opened ON consultations (opened, id);
CREATE INDEX consultations_by_state ON consultations (state, opened, id);
CREATE INDEX consultations_by_public ON consultations (public, opened, id);
CREATE TABLE consultation_documents (
    consultation TEXT   NOT NULL,
    document     BIGINT NOT NULL,
    PRIMARY KEY (consultation, document)
) WITHOUT ROWID;

-- What samples failed by, as the rules of recurrence count it: a row for each
-- hazard of a report. Ended is the place on the ledger at which the report was
-- replaced or its notice overturned, or 0.
CREATE TABLE failures (
    document BIGINT NOT NULL, -- of the report
    hazard   TEXT   NOT NULL,
    grp      TEXT   NOT NULL, -- product group
    day      TEXT   NOT NULL,
    province TEXT   NOT NULL,
    task     TEXT   NOT NULL,
    report   TEXT   NOT NULL,
    series   TEXT   NOT NULL, -- what its revisions have in common
    ended    BIGINT NOT NULL,
    PRIMARY KEY (document, hazard)
) WITHOUT ROWID;
CREATE INDEX failures_by_hazard ON failures (hazard, grp, day, document);
CREATE INDEX failures_by_series ON failures (series, document);

-- What the rules of recurrence propose to consult on, and the failures that each
-- rests on. Raised and answered are places on the ledger; answered is 0 until a
-- consultation refers to it.
CREATE TABLE proposals (
    id          TEXT   NOT NULL PRIMARY KEY,
    raised      BIGINT NOT NULL,
    rule        TEXT   NOT NULL,
    revision    BIGINT NOT NULL,
    provinces   BIGINT NOT NULL, -- that the rule asks for
    samples     BIGINT NOT NULL, -- that the rule asks for
    hazard      TEXT   NOT NULL,
    grp         TEXT   NOT NULL,
    answered    BIGINT NOT NULL,
    answered_by TEXT   NOT NULL
) WITHOUT ROWID;
CREATE INDEX proposals_by_raised ON proposals (raised, id);
CREATE INDEX proposals_by_hazard ON proposals (rule, hazard, grp, answered, raised);
CREATE TABLE proposal_failures (
    proposal TEXT   NOT NULL,
    document BIGINT NOT NULL, -- of the report
    rule     TEXT   NOT NULL,
    hazard   TEXT   NOT NULL,
    joined   BIGINT NOT NULL, -- the place on the ledger at which it did
    PRIMARY KEY (proposal, document)
) WITHOUT ROWID;
CREATE INDEX proposal_failures_by_document ON proposal_failures (document, rule, hazard);
