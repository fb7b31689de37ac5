-- name: read model
-- The same tables as SQLite's. Times are seconds since 1970, UTC. Empty text
-- stands for "not stated", so that no column is NULL. No key is made by the
-- database. The large tables are in the order of the ledger: their key is the
-- position of the document that a row comes of (block * 2^24 + place in the
-- block). Their indexes are in table.go, for they can be made when the tables are
-- full. Texts are ordered by their bytes, as on the other engines.

-- The blocks that the read model contains; the last one is the cursor.
CREATE TABLE blocks (
    number BIGINT           NOT NULL PRIMARY KEY,
    hash   TEXT COLLATE "C" NOT NULL,
    time   BIGINT           NOT NULL
);

-- Signed documents. Id, type, party, key and date are in the JWS itself.
CREATE TABLE documents (
    position BIGINT           NOT NULL PRIMARY KEY,
    prefix   BIGINT           NOT NULL, -- the first 64 bits of the id
    record   TEXT COLLATE "C" NOT NULL, -- the state key that it wrote
    tx       TEXT COLLATE "C" NOT NULL,
    time     BIGINT           NOT NULL, -- of the transaction
    jws      TEXT COLLATE "C" NOT NULL
);

CREATE TABLE parties (
    id       TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    kind     TEXT COLLATE "C" NOT NULL,
    province TEXT COLLATE "C" NOT NULL,
    status   TEXT COLLATE "C" NOT NULL,
    name     TEXT COLLATE "C" NOT NULL, -- as admitted, with the division; empty for a province
    name_en  TEXT COLLATE "C" NOT NULL,
    division TEXT COLLATE "C" NOT NULL,
    keys     TEXT COLLATE "C" NOT NULL, -- JSON: []KeyPeriod
    remarks  TEXT COLLATE "C" NOT NULL  -- JSON: []Remark, or empty
);
CREATE INDEX parties_by_kind ON parties (kind, id);
CREATE INDEX parties_by_province ON parties (province, id);

-- The documents about a party, in the order of the ledger.
CREATE TABLE party_documents (
    party    TEXT COLLATE "C" NOT NULL,
    document BIGINT           NOT NULL,
    PRIMARY KEY (party, document)
);

-- What a trace tells of a lot stands here, so that it need not read documents.
CREATE TABLE lots (
    document   BIGINT           NOT NULL PRIMARY KEY,
    id         TEXT COLLATE "C" NOT NULL,
    registrant TEXT COLLATE "C" NOT NULL,
    product    TEXT COLLATE "C" NOT NULL,
    product_en TEXT COLLATE "C" NOT NULL,
    date       TEXT COLLATE "C" NOT NULL,
    division   TEXT COLLATE "C" NOT NULL,
    remarks    TEXT COLLATE "C" NOT NULL
);

-- Whose a GTIN is.
CREATE TABLE gtins (
    prefix   TEXT COLLATE "C" NOT NULL PRIMARY KEY, -- of the ids of its lots: 01/06901234567892/
    owner    TEXT COLLATE "C" NOT NULL,
    assigned TEXT COLLATE "C" NOT NULL -- the id of the document by which a regulator said so, or empty
);

CREATE TABLE events (
    document BIGINT           NOT NULL PRIMARY KEY,
    id       TEXT COLLATE "C" NOT NULL,
    party    TEXT COLLATE "C" NOT NULL,
    time     BIGINT           NOT NULL,
    type     TEXT COLLATE "C" NOT NULL,
    receiver TEXT COLLATE "C" NOT NULL, -- of a shipment, or empty
    remarks  TEXT COLLATE "C" NOT NULL
);

-- Every lot that an event names. Its role is in or out, for what went into an
-- event and what came of it: the ways of a trace; or at, for every lot of an
-- event that does not lead from lots to lots. An event of 500 inputs and 500
-- outputs has 1,000 rows here; a table of links from lot to lot would have
-- 250,000, for one signed document.
CREATE TABLE event_lots (
    document BIGINT           NOT NULL, -- of the event
    role     TEXT COLLATE "C" NOT NULL,
    lot      TEXT COLLATE "C" NOT NULL,
    time     BIGINT           NOT NULL, -- and id, of the event
    event    TEXT COLLATE "C" NOT NULL,
    amount   TEXT COLLATE "C" NOT NULL, -- value and unit, or empty
    PRIMARY KEY (document, role, lot)
);

CREATE TABLE reports (
    document      BIGINT           NOT NULL PRIMARY KEY,
    id            TEXT COLLATE "C" NOT NULL,
    lab           TEXT COLLATE "C" NOT NULL,
    lot           TEXT COLLATE "C" NOT NULL,
    sampling_no   TEXT COLLATE "C" NOT NULL,
    superseded_by TEXT COLLATE "C" NOT NULL, -- the next revision, or empty
    out_of_scope  TEXT COLLATE "C" NOT NULL, -- JSON: []int, or empty
    remarks       TEXT COLLATE "C" NOT NULL
);
CREATE INDEX reports_by_id ON reports (id);
CREATE INDEX reports_by_lab ON reports (lab, document);
CREATE INDEX reports_by_lot ON reports (lot, document);
CREATE INDEX reports_by_sampling_no ON reports (sampling_no, document);

-- The rules of mutual recognition, a row for each version.
CREATE TABLE recognition_rules (
    accepting TEXT COLLATE "C" NOT NULL,
    rule      TEXT COLLATE "C" NOT NULL,
    version   BIGINT           NOT NULL,
    document  BIGINT           NOT NULL,
    remarks   TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (accepting, rule, version)
);

-- The provinces' decisions. A decision counts in its month unless the same
-- province decided again, on the same parameter of the same report, in that month.
CREATE TABLE recognitions (
    document   BIGINT           NOT NULL PRIMARY KEY,
    report     TEXT COLLATE "C" NOT NULL,
    parameter  TEXT COLLATE "C" NOT NULL, -- folded
    accepting  TEXT COLLATE "C" NOT NULL,
    issuing    TEXT COLLATE "C" NOT NULL,
    lot        TEXT COLLATE "C" NOT NULL, -- of the report's sample, or empty
    month      TEXT COLLATE "C" NOT NULL, -- 2006-01, in China
    outcome    TEXT COLLATE "C" NOT NULL,
    next_month TEXT COLLATE "C" NOT NULL, -- of the next decision, or empty
    evaluation TEXT COLLATE "C" NOT NULL  -- JSON: Evaluation
);
CREATE INDEX recognitions_by_report ON recognitions (report, document);
CREATE INDEX recognitions_by_lot ON recognitions (lot, document);
CREATE INDEX recognitions_by_month ON recognitions (month, issuing, accepting, outcome, next_month, lot);

-- The notices about failed samples, each as it stands. The body holds all of it;
-- the other columns are what is searched. Issued and id order the lists.
CREATE TABLE notices (
    id     TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    issued BIGINT           NOT NULL,
    state  TEXT COLLATE "C" NOT NULL,
    public BIGINT           NOT NULL, -- 1 once a row of it was published, else 0
    lot    TEXT COLLATE "C" NOT NULL,
    body   TEXT COLLATE "C" NOT NULL, -- JSON: Notice without the past
    past   TEXT COLLATE "C" NOT NULL  -- JSON: who did what, and the periods, those that ended too
);

-- Whom a notice concerns, and until when the next of each one's periods runs: 0
-- when a period cannot be counted, the largest number when none runs.
CREATE TABLE notice_parties (
    party  TEXT COLLATE "C" NOT NULL,
    notice TEXT COLLATE "C" NOT NULL,
    state  TEXT COLLATE "C" NOT NULL,
    due    BIGINT           NOT NULL,
    public BIGINT           NOT NULL, -- as of the notice
    lot    TEXT COLLATE "C" NOT NULL, -- as of the notice
    PRIMARY KEY (party, notice)
);

-- The documents of a notice, in the order of the ledger.
CREATE TABLE notice_documents (
    notice   TEXT COLLATE "C" NOT NULL,
    document BIGINT           NOT NULL,
    PRIMARY KEY (notice, document)
);

-- How often a province issued, acknowledged or closed notices on a day (in China),
-- by the whole hours that it took; -1 where that is not known or nothing takes time.
-- Counts, so that comparing the provinces does not read every notice.
CREATE TABLE notice_counts (
    what     TEXT COLLATE "C" NOT NULL,
    province TEXT COLLATE "C" NOT NULL,
    hours    BIGINT NOT NULL,
    day      TEXT COLLATE "C" NOT NULL,
    n        BIGINT NOT NULL,
    PRIMARY KEY (what, province, hours, day)
);

-- Which notice is about a report, by what all revisions of it have in common.
CREATE TABLE notice_reports (
    series TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    notice TEXT COLLATE "C" NOT NULL,
    report TEXT COLLATE "C" NOT NULL -- the revision that the notice is about
);
CREATE INDEX notice_reports_by_report ON notice_reports (report);

-- The entries of companies' credit records, each as it stands.
CREATE TABLE credits (
    company TEXT COLLATE "C" NOT NULL,
    id      TEXT COLLATE "C" NOT NULL,
    body    TEXT COLLATE "C" NOT NULL, -- JSON: Credit
    PRIMARY KEY (company, id)
);

-- Which of these entries bar the company from platforms: the few that verification
-- looks at.
CREATE TABLE platform_bars (
    company TEXT COLLATE "C" NOT NULL,
    entry   TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (company, entry)
);

-- Recalls, each as it stands; see notices.
CREATE TABLE recalls (
    id     TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    opened BIGINT           NOT NULL,
    state  TEXT COLLATE "C" NOT NULL,
    public BIGINT           NOT NULL, -- 1 while it is announced, else 0
    notice TEXT COLLATE "C" NOT NULL, -- or empty
    body   TEXT COLLATE "C" NOT NULL  -- JSON: Recall
);
CREATE INDEX recalls_by_opened ON recalls (opened, id);
CREATE INDEX recalls_by_state ON recalls (state, opened, id);
CREATE INDEX recalls_by_public ON recalls (public, opened, id);
CREATE INDEX recalls_by_notice ON recalls (notice, opened, id);

-- Whom a recall concerns.
CREATE TABLE recall_parties (
    party  TEXT COLLATE "C" NOT NULL,
    opened BIGINT           NOT NULL,
    recall TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (party, opened, recall)
);

-- The documents of a recall, in the order of the ledger, and which act each is;
-- an opening is none.
CREATE TABLE recall_documents (
    recall   TEXT COLLATE "C" NOT NULL,
    document BIGINT           NOT NULL,
    act      TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (recall, document)
);
CREATE INDEX recall_documents_by_act ON recall_documents (act, recall);

-- The lots that an announced recall covers: those it begins with and, when it says
-- so, all that came of them, also later. Since is the position at which a lot came
-- under it; distance, by how many events it was reached then.
CREATE TABLE recall_lots (
    lot      TEXT COLLATE "C" NOT NULL,
    recall   TEXT COLLATE "C" NOT NULL,
    since    BIGINT           NOT NULL,
    distance BIGINT           NOT NULL,
    spreads  BIGINT           NOT NULL, -- 1 when what is made of the lot is recalled too, else 0
    PRIMARY KEY (lot, recall)
);
CREATE INDEX recall_lots_by_recall ON recall_lots (recall);

-- What was done with lots after they came under a recall, one for an event and a
-- recall, and who is told of it.
CREATE TABLE alerts (
    document BIGINT           NOT NULL, -- of the event
    recall   TEXT COLLATE "C" NOT NULL,
    body     TEXT COLLATE "C" NOT NULL, -- JSON: Alert
    PRIMARY KEY (document, recall)
);
CREATE INDEX alerts_by_recall ON alerts (recall, document);
CREATE TABLE alert_parties (
    party    TEXT COLLATE "C" NOT NULL,
    document BIGINT           NOT NULL,
    recall   TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (party, document, recall)
);
CREATE INDEX alert_parties_by_recall ON alert_parties (party, recall, document);

-- Who is told what, in the order of the ledger: a row for each audience of a
-- signal. The position is that of the document which caused it.
CREATE TABLE feed (
    audience TEXT COLLATE "C" NOT NULL, -- a party, or public
    position BIGINT NOT NULL,
    kind     TEXT COLLATE "C" NOT NULL,
    subject  TEXT COLLATE "C" NOT NULL, -- a state key
    time     BIGINT NOT NULL,
    province TEXT COLLATE "C" NOT NULL,
    signer   TEXT COLLATE "C" NOT NULL,
    urgent   BIGINT NOT NULL, -- 1 or 0
    PRIMARY KEY (audience, position, kind, subject)
);

-- What was ever published, since when, and the names that it may be looked up by:
-- lower case, folded, a line for the product and one for the claimed producer;
-- empty while nothing of it stands published.
CREATE TABLE published_notices (
    notice    TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    published BIGINT           NOT NULL,
    text      TEXT COLLATE "C" NOT NULL
);

-- The pairs of characters in these names, and in those that stood there before.
CREATE TABLE published_words (
    word      TEXT COLLATE "C" NOT NULL,
    published BIGINT           NOT NULL,
    notice    TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (word, published, notice)
);

-- Where parties want their signals sent, each as it stands.
CREATE TABLE webhooks (
    party    TEXT COLLATE "C" NOT NULL,
    ref      TEXT COLLATE "C" NOT NULL,
    active   BIGINT NOT NULL, -- 1 or 0
    document BIGINT NOT NULL,
    PRIMARY KEY (party, ref)
);
CREATE INDEX webhooks_by_active ON webhooks (active, party, ref);

-- The register of licences: what is searched, and the checksum of the row as it was
-- registered last. What a licence says is in its documents.
CREATE TABLE licences (
    id       TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    number   TEXT COLLATE "C" NOT NULL, -- as printed
    province TEXT COLLATE "C" NOT NULL, -- that issued it
    division TEXT COLLATE "C" NOT NULL, -- of the premises
    holder   TEXT COLLATE "C" NOT NULL, -- USCC, or empty
    content  BIGINT           NOT NULL, -- the place of the document that was registered last
    halt     TEXT COLLATE "C" NOT NULL, -- suspended, revoked, cancelled or empty
    sum      TEXT COLLATE "C" NOT NULL, -- of the row, SHA-256
    remarks  TEXT COLLATE "C" NOT NULL  -- JSON: []Remark, or empty
);
CREATE INDEX licences_by_province ON licences (province, id, sum);
CREATE INDEX licences_by_division ON licences (division, id);
CREATE INDEX licences_by_holder ON licences (holder, id);
CREATE INDEX licences_by_number ON licences (number, id);

-- What holds of a licence from a day on. A change may move the days of those that
-- were there: rows of an older version than the newest are taken away.
CREATE TABLE licence_periods (
    licence  TEXT COLLATE "C" NOT NULL,
    from_day TEXT COLLATE "C" NOT NULL,
    version  BIGINT           NOT NULL, -- how many documents the licence had
    begun_by BIGINT           NOT NULL, -- the place of the document that began it
    halt     TEXT COLLATE "C" NOT NULL, -- suspended, revoked, cancelled or empty
    body     TEXT             NOT NULL, -- JSON: Licence, so that thousands are looked up at once
    PRIMARY KEY (licence, from_day)
);

-- The documents of a licence.
CREATE TABLE licence_documents (
    licence  TEXT COLLATE "C" NOT NULL,
    place    BIGINT           NOT NULL, -- from 0, in the order of the ledger
    document BIGINT           NOT NULL,
    PRIMARY KEY (licence, place)
);

-- The shops of platforms as they were last declared: what is searched.
CREATE TABLE listings (
    platform TEXT COLLATE "C" NOT NULL,
    shop     TEXT COLLATE "C" NOT NULL,
    since    BIGINT           NOT NULL, -- of the period that is in force
    licence  TEXT COLLATE "C" NOT NULL, -- the number shown, folded
    division TEXT COLLATE "C" NOT NULL,
    removed  BIGINT           NOT NULL, -- 1 or 0
    PRIMARY KEY (platform, shop)
);
CREATE INDEX listings_by_licence ON listings (licence, platform, shop, removed);
CREATE INDEX listings_by_division ON listings (division, platform, shop);

-- How a shop's page stood from the first to the last time that it was read so.
CREATE TABLE listing_periods (
    platform    TEXT COLLATE "C" NOT NULL,
    shop        TEXT COLLATE "C" NOT NULL,
    since       BIGINT           NOT NULL,
    last        BIGINT           NOT NULL,
    declaration TEXT COLLATE "C" NOT NULL, -- the ref of the last
    block       BIGINT           NOT NULL, -- that has it
    body        TEXT COLLATE "C" NOT NULL, -- JSON: Shop
    PRIMARY KEY (platform, shop, since)
);

-- The parts of full snapshots that have come, and the snapshots that are whole. A
-- shop that was last declared before the begin of a whole one is no longer listed.
CREATE TABLE snapshot_parts (
    platform TEXT COLLATE "C" NOT NULL,
    snapshot TEXT COLLATE "C" NOT NULL,
    parts    BIGINT           NOT NULL,
    part     BIGINT           NOT NULL,
    at       BIGINT           NOT NULL, -- when its pages were read
    block    BIGINT           NOT NULL,
    PRIMARY KEY (platform, snapshot, parts, part)
);
CREATE TABLE snapshots (
    platform TEXT COLLATE "C" NOT NULL,
    begin_at BIGINT           NOT NULL, -- when the first of its pages were read
    snapshot TEXT COLLATE "C" NOT NULL,
    parts    BIGINT           NOT NULL,
    end_at   BIGINT           NOT NULL, -- when the last were
    block    BIGINT           NOT NULL, -- that made it whole
    PRIMARY KEY (platform, begin_at, snapshot, parts)
);

-- What the latest verification of a platform's shop came to, and when the next is due.
-- A shop that was listed and never verified has a row too, of zeros.
CREATE TABLE verifications (
    platform TEXT COLLATE "C" NOT NULL,
    shop     TEXT COLLATE "C" NOT NULL,
    due      BIGINT NOT NULL, -- 0: never verified, or unknown
    at       BIGINT NOT NULL, -- when it was compared; 0: never
    height   BIGINT NOT NULL, -- of the register that it was compared with
    ref      TEXT COLLATE "C" NOT NULL, -- of the record
    licence  TEXT COLLATE "C" NOT NULL, -- as shown
    verdict  TEXT COLLATE "C" NOT NULL,
    codes    TEXT COLLATE "C" NOT NULL, -- with commas between
    PRIMARY KEY (platform, shop)
);
CREATE INDEX verifications_by_due ON verifications (platform, due, shop);

-- Every verification of a shop that was the latest when it came.
CREATE TABLE verification_history (
    platform TEXT COLLATE "C" NOT NULL,
    shop     TEXT COLLATE "C" NOT NULL,
    at       BIGINT NOT NULL,
    ref      TEXT COLLATE "C" NOT NULL, -- of the record
    due      BIGINT NOT NULL, -- 0: unknown
    height   BIGINT NOT NULL, -- of the register that it was compared with
    licence  TEXT COLLATE "C" NOT NULL, -- as shown
    verdict  TEXT COLLATE "C" NOT NULL,
    codes    TEXT COLLATE "C" NOT NULL, -- with commas between
    PRIMARY KEY (platform, shop, at, ref)
);

-- What the provinces agree on, a row for each revision as it stands. The body is
-- what they signed; the other columns are what is searched.
CREATE TABLE agreements (
    record   TEXT COLLATE "C" NOT NULL, -- the state key
    revision BIGINT NOT NULL,
    kind     TEXT COLLATE "C" NOT NULL, -- of its documents
    hazard   TEXT COLLATE "C" NOT NULL, -- of a limit, or empty
    category TEXT COLLATE "C" NOT NULL, -- of a limit, folded, or empty
    in_force BIGINT NOT NULL, -- 1 once it came into force, else 0
    body     TEXT COLLATE "C" NOT NULL, -- JSON: the payload
    PRIMARY KEY (record, revision)
);
CREATE INDEX agreements_by_kind ON agreements (kind, record, revision);
CREATE INDEX agreements_by_hazard ON agreements (kind, hazard, record, revision);
CREATE INDEX agreements_by_category ON agreements (kind, category, record, revision);

-- The signatures under them; effect is 1 for the one that brought it into force.
CREATE TABLE agreement_documents (
    record   TEXT COLLATE "C" NOT NULL,
    revision BIGINT NOT NULL,
    document BIGINT NOT NULL,
    kind     TEXT COLLATE "C" NOT NULL,
    effect   BIGINT NOT NULL,
    PRIMARY KEY (record, revision, document)
);
CREATE INDEX agreement_documents_by_effect ON agreement_documents (kind, effect, document);

-- The joint consultations, each as it stands.
CREATE TABLE consultations (
    id     TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    opened BIGINT NOT NULL,
    state  TEXT COLLATE "C" NOT NULL,
    public BIGINT NOT NULL, -- 1 once a summary of it was published, else 0
    body   TEXT COLLATE "C" NOT NULL  -- JSON: Consultation
);
CREATE INDEX consultations_by_opened ON consultations (opened, id);
CREATE INDEX consultations_by_state ON consultations (state, opened, id);
CREATE INDEX consultations_by_public ON consultations (public, opened, id);
CREATE TABLE consultation_documents (
    consultation TEXT COLLATE "C" NOT NULL,
    document     BIGINT NOT NULL,
    PRIMARY KEY (consultation, document)
);

-- What samples failed by, as the rules of recurrence count it: a row for each
-- hazard of a report. Ended is the place on the ledger at which the report was
-- replaced or its notice overturned, or 0.
CREATE TABLE failures (
    document BIGINT NOT NULL, -- of the report
    hazard   TEXT COLLATE "C" NOT NULL,
    grp      TEXT COLLATE "C" NOT NULL, -- product group
    day      TEXT COLLATE "C" NOT NULL,
    province TEXT COLLATE "C" NOT NULL,
    task     TEXT COLLATE "C" NOT NULL,
    report   TEXT COLLATE "C" NOT NULL,
    series   TEXT COLLATE "C" NOT NULL, -- what its revisions have in common
    ended    BIGINT NOT NULL,
    PRIMARY KEY (document, hazard)
);
CREATE INDEX failures_by_hazard ON failures (hazard, grp, day, document);
CREATE INDEX failures_by_series ON failures (series, document);

-- What the rules of recurrence propose to consult on, and the failures that each
-- rests on. Raised and answered are places on the ledger; answered is 0 until a
-- consultation refers to it.
CREATE TABLE proposals (
    id          TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    raised      BIGINT NOT NULL,
    rule        TEXT COLLATE "C" NOT NULL,
    revision    BIGINT NOT NULL,
    provinces   BIGINT NOT NULL, -- that the rule asks for
    samples     BIGINT NOT NULL, -- that the rule asks for
    hazard      TEXT COLLATE "C" NOT NULL,
    grp         TEXT COLLATE "C" NOT NULL,
    answered    BIGINT NOT NULL,
    answered_by TEXT COLLATE "C" NOT NULL
);
CREATE INDEX proposals_by_raised ON proposals (raised, id);
CREATE INDEX proposals_by_hazard ON proposals (rule, hazard, grp, answered, raised);
CREATE TABLE proposal_failures (
    proposal TEXT COLLATE "C" NOT NULL,
    document BIGINT NOT NULL, -- of the report
    rule     TEXT COLLATE "C" NOT NULL,
    hazard   TEXT COLLATE "C" NOT NULL,
    joined   BIGINT NOT NULL, -- the place on the ledger at which it did
    PRIMARY KEY (proposal, document)
);
CREATE INDEX proposal_failures_by_document ON proposal_failures (document, rule, hazard);
