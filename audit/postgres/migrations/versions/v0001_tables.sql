CREATE TABLE sallyport_log.charter (
    id smallint PRIMARY KEY CHECK (id = 0),
    state bytea NOT NULL
);

CREATE TABLE sallyport_log.seq_coord (
    id smallint PRIMARY KEY CHECK (id = 0),
    next bigint NOT NULL,
    ms bigint NOT NULL,
    turn bigint NOT NULL,
    fence bytea NOT NULL
) WITH (fillfactor = 50);
INSERT INTO sallyport_log.seq_coord VALUES (0, 0, 0, 0, '');

CREATE TABLE sallyport_log.seq (
    first bigint PRIMARY KEY,
    count integer NOT NULL CHECK (count BETWEEN 1 AND 1024),
    ms bigint NOT NULL,
    batch bytea NOT NULL UNIQUE,
    hashes bytea NOT NULL CHECK (length(hashes) = 32 * count),
    leaves bytea NOT NULL
);
ALTER TABLE sallyport_log.seq ALTER COLUMN leaves SET STORAGE EXTERNAL;
ALTER TABLE sallyport_log.seq ALTER COLUMN hashes SET STORAGE EXTERNAL;

CREATE TABLE sallyport_log.sealed (
    first bigint PRIMARY KEY,
    records bytea NOT NULL
);
ALTER TABLE sallyport_log.sealed ALTER COLUMN records SET STORAGE EXTERNAL;

CREATE TABLE sallyport_log.epoch (
    id bytea PRIMARY KEY,
    document bytea NOT NULL
);

CREATE TABLE sallyport_log.dedup (
    key bytea PRIMARY KEY,
    first bigint NOT NULL,
    place integer NOT NULL,
    request bytea NOT NULL,
    content bytea NOT NULL,
    hour integer NOT NULL
);
CREATE INDEX dedup_hour ON sallyport_log.dedup (hour);

CREATE TABLE sallyport_log.file (
    name text PRIMARY KEY,
    entry bigint NOT NULL,
    body bytea NOT NULL
);

CREATE TABLE sallyport_log.tile (
    level smallint NOT NULL CHECK (level BETWEEN 0 AND 63),
    place bigint NOT NULL,
    hashes bytea NOT NULL CHECK (
        length(hashes) % 32 = 0 AND length(hashes) BETWEEN 32 AND 8192
    ),
    PRIMARY KEY (level, place)
) WITH (fillfactor = 80);
ALTER TABLE sallyport_log.tile ALTER COLUMN hashes SET STORAGE EXTERNAL;

CREATE TABLE sallyport_log.int_coord (
    id smallint PRIMARY KEY CHECK (id = 0),
    size bigint NOT NULL,
    root bytea NOT NULL
) WITH (fillfactor = 50);
INSERT INTO sallyport_log.int_coord VALUES (0, 0, sha256(''));

CREATE TABLE sallyport_log.pub_coord (
    id smallint PRIMARY KEY CHECK (id = 0),
    size bigint NOT NULL,
    root bytea NOT NULL,
    ms bigint NOT NULL,
    note bytea NOT NULL,
    shown bytea NOT NULL,
    kept bytea NOT NULL,
    kept_ms bigint NOT NULL
) WITH (fillfactor = 50);
