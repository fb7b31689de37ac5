-- name: read model
-- The same tables as SQLite's, for PostgreSQL and CockroachDB. Times are seconds
-- since 1970, UTC. Empty text stands for "not stated", so that no column is NULL.
-- Every key is text or a position on the ledger; none is made by the database.
-- Texts are ordered by their bytes, as SQLite and CockroachDB order them anyway.

-- The blocks that the read model contains; the last one is the cursor.
CREATE TABLE blocks (
    number BIGINT           NOT NULL PRIMARY KEY,
    hash   TEXT COLLATE "C" NOT NULL,
    time   BIGINT           NOT NULL
);

-- Signed documents. Type, party, key and date are in the JWS itself.
CREATE TABLE documents (
    id     TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    record TEXT COLLATE "C" NOT NULL, -- the state key that it wrote
    block  BIGINT           NOT NULL,
    tx     TEXT COLLATE "C" NOT NULL,
    time   BIGINT           NOT NULL, -- of the transaction
    jws    TEXT COLLATE "C" NOT NULL
);

CREATE TABLE parties (
    id       TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    kind     TEXT COLLATE "C" NOT NULL,
    province TEXT COLLATE "C" NOT NULL,
    status   TEXT COLLATE "C" NOT NULL,
    keys     TEXT COLLATE "C" NOT NULL, -- JSON: []KeyPeriod
    remarks  TEXT COLLATE "C" NOT NULL  -- JSON: []Remark, or empty
);
CREATE INDEX parties_by_kind ON parties (kind, id);
CREATE INDEX parties_by_province ON parties (province, id);

-- The documents about a party, in the order of the ledger.
CREATE TABLE party_documents (
    party    TEXT COLLATE "C" NOT NULL,
    block    BIGINT           NOT NULL,
    place    BIGINT           NOT NULL, -- of the document within the block
    document TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (party, block, place)
);

-- What a trace tells of a lot stands here, so that it need not read documents.
CREATE TABLE lots (
    id         TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    registrant TEXT COLLATE "C" NOT NULL,
    product    TEXT COLLATE "C" NOT NULL,
    product_en TEXT COLLATE "C" NOT NULL,
    date       TEXT COLLATE "C" NOT NULL,
    division   TEXT COLLATE "C" NOT NULL,
    document   TEXT COLLATE "C" NOT NULL,
    remarks    TEXT COLLATE "C" NOT NULL
);
CREATE INDEX lots_by_registrant ON lots (registrant, id);

CREATE TABLE events (
    id       TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    party    TEXT COLLATE "C" NOT NULL,
    time     BIGINT           NOT NULL,
    type     TEXT COLLATE "C" NOT NULL,
    document TEXT COLLATE "C" NOT NULL,
    remarks  TEXT COLLATE "C" NOT NULL
);
CREATE INDEX events_by_time ON events (time, id);
CREATE INDEX events_by_party ON events (party, time, id);

-- Every lot that an event names. Its role is in or out, for what went into an
-- event and what came of it: the ways of a trace; or at, for every lot of an
-- event that does not lead from lots to lots. An event of 500 inputs and 500
-- outputs has 1,000 rows here; a table of links from lot to lot would have
-- 250,000, for one signed document. The role comes before the time in the key,
-- so that a trace does not read a shop's thousand sales of a lot.
CREATE TABLE event_lots (
    lot    TEXT COLLATE "C" NOT NULL,
    role   TEXT COLLATE "C" NOT NULL,
    time   BIGINT           NOT NULL,
    event  TEXT COLLATE "C" NOT NULL,
    amount TEXT COLLATE "C" NOT NULL, -- of in and out: value and unit, or empty
    PRIMARY KEY (lot, role, time, event)
);
CREATE INDEX event_lots_by_event ON event_lots (event, role, lot, amount);

CREATE TABLE reports (
    id            TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    block         BIGINT           NOT NULL,
    place         BIGINT           NOT NULL,
    lab           TEXT COLLATE "C" NOT NULL,
    lot           TEXT COLLATE "C" NOT NULL,
    sampling_no   TEXT COLLATE "C" NOT NULL,
    superseded_by TEXT COLLATE "C" NOT NULL, -- the next revision, or empty
    out_of_scope  TEXT COLLATE "C" NOT NULL, -- JSON: []int, or empty
    document      TEXT COLLATE "C" NOT NULL,
    remarks       TEXT COLLATE "C" NOT NULL
);
CREATE INDEX reports_by_position ON reports (block, place);
CREATE INDEX reports_by_lab ON reports (lab, block, place);
CREATE INDEX reports_by_lot ON reports (lot, block, place);
CREATE INDEX reports_by_sampling_no ON reports (sampling_no, block, place);
