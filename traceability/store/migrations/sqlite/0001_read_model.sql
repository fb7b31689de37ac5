-- name: read model
-- Times are seconds since 1970, UTC. Empty text stands for "not stated", so that
-- no column is NULL. Every key is text or a position on the ledger; none is made
-- by the database. Narrow tables are clustered by their key (WITHOUT ROWID): a
-- look-up descends one tree instead of two. documents is not: its rows are long
-- and its key is a hash, so clustering would scatter them.

-- The blocks that the read model contains; the last one is the cursor.
CREATE TABLE blocks (
    number BIGINT NOT NULL PRIMARY KEY,
    hash   TEXT   NOT NULL,
    time   BIGINT NOT NULL
) WITHOUT ROWID;

-- Signed documents. Type, party, key and date are in the JWS itself.
CREATE TABLE documents (
    id     TEXT   NOT NULL PRIMARY KEY,
    record TEXT   NOT NULL, -- the state key that it wrote
    block  BIGINT NOT NULL,
    tx     TEXT   NOT NULL,
    time   BIGINT NOT NULL, -- of the transaction
    jws    TEXT   NOT NULL
);

CREATE TABLE parties (
    id       TEXT NOT NULL PRIMARY KEY,
    kind     TEXT NOT NULL,
    province TEXT NOT NULL,
    status   TEXT NOT NULL,
    keys     TEXT NOT NULL, -- JSON: []KeyPeriod
    remarks  TEXT NOT NULL  -- JSON: []Remark, or empty
) WITHOUT ROWID;
CREATE INDEX parties_by_kind ON parties (kind, id);
CREATE INDEX parties_by_province ON parties (province, id);

-- The documents about a party, in the order of the ledger.
CREATE TABLE party_documents (
    party    TEXT   NOT NULL,
    block    BIGINT NOT NULL,
    place    BIGINT NOT NULL, -- of the document within the block
    document TEXT   NOT NULL,
    PRIMARY KEY (party, block, place)
) WITHOUT ROWID;

-- What a trace tells of a lot stands here, so that it need not read documents.
CREATE TABLE lots (
    id         TEXT NOT NULL PRIMARY KEY,
    registrant TEXT NOT NULL,
    product    TEXT NOT NULL,
    product_en TEXT NOT NULL,
    date       TEXT NOT NULL,
    division   TEXT NOT NULL,
    document   TEXT NOT NULL,
    remarks    TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX lots_by_registrant ON lots (registrant, id);

CREATE TABLE events (
    id       TEXT   NOT NULL PRIMARY KEY,
    party    TEXT   NOT NULL,
    time     BIGINT NOT NULL,
    type     TEXT   NOT NULL,
    document TEXT   NOT NULL,
    remarks  TEXT   NOT NULL
) WITHOUT ROWID;
CREATE INDEX events_by_time ON events (time, id);
CREATE INDEX events_by_party ON events (party, time, id);

-- Every lot that an event names. Its role is in or out, for what went into an
-- event and what came of it: the ways of a trace; or at, for every lot of an
-- event that does not lead from lots to lots. An event of 500 inputs and 500
-- outputs has 1,000 rows here; a table of links from lot to lot would have
-- 250,000, for one signed document. The role comes before the time in the key,
-- so that a trace does not read a shop's thousand sales of a lot.
CREATE TABLE event_lots (
    lot    TEXT   NOT NULL,
    role   TEXT   NOT NULL,
    time   BIGINT NOT NULL,
    event  TEXT   NOT NULL,
    amount TEXT   NOT NULL, -- of in and out: value and unit, or empty
    PRIMARY KEY (lot, role, time, event)
) WITHOUT ROWID;
CREATE INDEX event_lots_by_event ON event_lots (event, role, lot, amount);

CREATE TABLE reports (
    id            TEXT   NOT NULL PRIMARY KEY,
    block         BIGINT NOT NULL,
    place         BIGINT NOT NULL,
    lab           TEXT   NOT NULL,
    lot           TEXT   NOT NULL,
    sampling_no   TEXT   NOT NULL,
    superseded_by TEXT   NOT NULL, -- the next revision, or empty
    out_of_scope  TEXT   NOT NULL, -- JSON: []int, or empty
    document      TEXT   NOT NULL,
    remarks       TEXT   NOT NULL
) WITHOUT ROWID;
CREATE INDEX reports_by_position ON reports (block, place);
CREATE INDEX reports_by_lab ON reports (lab, block, place);
CREATE INDEX reports_by_lot ON reports (lot, block, place);
CREATE INDEX reports_by_sampling_no ON reports (sampling_no, block, place);
