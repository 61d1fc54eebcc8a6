/**
 * The schema, step by step: version n of a file has run the first n. A step that was released is never changed.
 */
export const STEPS: readonly string[] = [
  `
  -- One row. seq numbers the changes of all files in the order of their commits; identity tells this store's
  -- numbers from those of another; purged is the greatest number of a removal that was forgotten.
  CREATE TABLE meta (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    schema INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    identity TEXT NOT NULL,
    purged INTEGER NOT NULL
  ) STRICT;

  -- Sums over a client's files, kept with every change, so that nobody has to count a million of them. Sums of lines
  -- can pass 64 bits, so each is high * 2^52 + low.
  CREATE TABLE client (
    client TEXT PRIMARY KEY,
    files INTEGER NOT NULL,
    succeeded INTEGER NOT NULL,
    failed INTEGER NOT NULL,
    cancelled INTEGER NOT NULL,
    done_high INTEGER NOT NULL,
    done_low INTEGER NOT NULL,
    warn_high INTEGER NOT NULL,
    warn_low INTEGER NOT NULL,
    failed_lines_high INTEGER NOT NULL,
    failed_lines_low INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;

  -- One row for each live file. stream is the short name of its file_id in the tables below, never used twice.
  -- folded is null when it is the filename itself. Times are ms since 1970.
  CREATE TABLE progress (
    stream INTEGER PRIMARY KEY AUTOINCREMENT,
    file_id TEXT NOT NULL UNIQUE,
    client TEXT NOT NULL,
    filename TEXT NOT NULL,
    folded TEXT,
    email TEXT NOT NULL,
    former TEXT,
    created_at INTEGER NOT NULL,
    version INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    done INTEGER NOT NULL,
    warn INTEGER NOT NULL,
    failed INTEGER NOT NULL,
    total INTEGER,
    outcome TEXT,
    reason TEXT,
    completed_at INTEGER,
    completed_sent_at INTEGER,
    pace_lines REAL NOT NULL,
    pace_ms REAL NOT NULL,
    pace_interval REAL NOT NULL,
    errors INTEGER NOT NULL,
    error_table INTEGER NOT NULL,
    error_top TEXT,
    warnings INTEGER NOT NULL,
    warning_table INTEGER NOT NULL,
    warning_top TEXT,
    UNIQUE (client, filename)
  ) STRICT;
  -- Lists, by every status: outcome first, so that one index answers both "all" (a merge of four ranges) and each
  -- status alone. A second index would be two more writes for each update.
  CREATE INDEX progress_list ON progress (client, outcome, updated_at, file_id);
  -- Exports: an order that updates do not disturb.
  CREATE INDEX progress_scan ON progress (client, file_id);
  CREATE INDEX progress_seq ON progress (seq);

  -- The truth: what was committed. (stream, version) is the optimistic lock.
  CREATE TABLE journal (
    stream INTEGER NOT NULL,
    version INTEGER NOT NULL,
    kind TEXT NOT NULL,
    at INTEGER NOT NULL,
    updates INTEGER NOT NULL,
    done INTEGER NOT NULL,
    warn INTEGER NOT NULL,
    failed INTEGER NOT NULL,
    total INTEGER,
    outcome TEXT,
    reason TEXT,
    sent_at INTEGER,
    sources TEXT NOT NULL,
    -- Of the first entry (the owner) and of a closing one; all others have the owner's.
    email TEXT,
    PRIMARY KEY (stream, version)
  ) STRICT, WITHOUT ROWID;

  -- The update ids that somebody can send again. A repeat cannot be applied, as it cannot be inserted.
  CREATE TABLE update_id (
    stream INTEGER NOT NULL,
    id TEXT NOT NULL,
    hash TEXT NOT NULL,
    version INTEGER NOT NULL,
    first INTEGER NOT NULL,
    PRIMARY KEY (stream, id)
  ) STRICT, WITHOUT ROWID;

  -- One row for each pattern, so that an update writes only those it touched.
  CREATE TABLE pattern (
    stream INTEGER NOT NULL,
    kind TEXT NOT NULL,
    no INTEGER NOT NULL,
    template TEXT NOT NULL,
    count INTEGER NOT NULL,
    merged_into INTEGER,
    PRIMARY KEY (stream, kind, no)
  ) STRICT, WITHOUT ROWID;

  -- Issues in chunks of columns: no counts an entry's chunks of one kind, last is the index of a chunk's last issue
  -- within them, body is JSON: [lines, messages, patterns].
  CREATE TABLE issue_chunk (
    chunk INTEGER PRIMARY KEY,
    stream INTEGER NOT NULL,
    kind TEXT NOT NULL,
    version INTEGER NOT NULL,
    no INTEGER NOT NULL,
    last INTEGER NOT NULL,
    at INTEGER NOT NULL,
    body TEXT NOT NULL
  ) STRICT;
  CREATE UNIQUE INDEX issue_chunk_place ON issue_chunk (stream, kind, version, no, last);
  -- Which chunks of an entry hold issues of a pattern, one bit each; null: the first alone.
  CREATE TABLE issue_pattern (
    stream INTEGER NOT NULL,
    kind TEXT NOT NULL,
    pattern INTEGER NOT NULL,
    version INTEGER NOT NULL,
    chunks BLOB,
    PRIMARY KEY (stream, kind, pattern, version)
  ) STRICT, WITHOUT ROWID;

  -- Earlier lives of a name, known for 15 days: their update ids, up to version, are not applied again.
  CREATE TABLE former (
    client TEXT NOT NULL,
    filename TEXT NOT NULL,
    file_id TEXT NOT NULL,
    stream INTEGER NOT NULL,
    state TEXT NOT NULL,
    version INTEGER NOT NULL,
    email TEXT NOT NULL,
    at INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    PRIMARY KEY (client, filename, file_id)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX former_at ON former (at);
  CREATE INDEX former_seq ON former (seq);
  CREATE INDEX former_file ON former (file_id);

  INSERT INTO meta (id, schema, seq, identity, purged) VALUES (1, 0, 0, lower(hex(randomblob(8))), 0);
  `,
  `
  -- Queue messages that were refused and that no dead-letter destination took. headers is JSON: [name, base64].
  CREATE TABLE rejected (
    no INTEGER PRIMARY KEY AUTOINCREMENT,
    origin TEXT NOT NULL UNIQUE,
    channel TEXT NOT NULL,
    update_id TEXT NOT NULL,
    code TEXT NOT NULL,
    reason TEXT NOT NULL,
    at INTEGER NOT NULL,
    sent_at INTEGER NOT NULL,
    attempts INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    key BLOB,
    headers TEXT NOT NULL,
    body BLOB
  ) STRICT;
  -- One row: what they take together, as a sum over a gigabyte is not quick.
  CREATE TABLE rejected_size (id INTEGER PRIMARY KEY CHECK (id = 1), messages INTEGER NOT NULL, bytes INTEGER NOT NULL) STRICT;
  INSERT INTO rejected_size (id, messages, bytes) VALUES (1, 0, 0);
  `,
  `
  -- The journal in the order of commits: a group of entries is one run of rows, not a page for each of its files. entry is
  -- the seq of the change, so a file's row leads to its newest one, and each leads to the one before it.
  ALTER TABLE journal RENAME TO journal_by_version;
  CREATE TABLE journal (
    entry INTEGER PRIMARY KEY,
    stream INTEGER NOT NULL,
    version INTEGER NOT NULL,
    kind TEXT NOT NULL,
    at INTEGER NOT NULL,
    updates INTEGER NOT NULL,
    done INTEGER NOT NULL,
    warn INTEGER NOT NULL,
    failed INTEGER NOT NULL,
    total INTEGER,
    outcome TEXT,
    reason TEXT,
    sent_at INTEGER,
    sources TEXT NOT NULL,
    -- Of the first entry (the owner) and of a closing one; all others have the owner's.
    email TEXT,
    -- The entry of the version before, null for the first.
    previous INTEGER
  ) STRICT;
  -- Entries from before have numbers up to 0, but for each file's newest, which its row leads to.
  INSERT INTO journal
    SELECT entry, stream, version, kind, at, updates, done, warn, failed, total, outcome, reason, sent_at, sources, email,
           lag(entry) OVER (PARTITION BY stream ORDER BY version)
    FROM (
      SELECT *, CASE WHEN lead(version) OVER (PARTITION BY stream ORDER BY version) IS NULL AND newest IS NOT NULL
        THEN newest
        ELSE row_number() OVER (ORDER BY stream, version) - (SELECT count(*) FROM journal_by_version) END AS entry
      FROM journal_by_version LEFT JOIN (
        SELECT stream, max(seq) AS newest
        FROM (SELECT stream, seq FROM progress UNION ALL SELECT stream, seq FROM former) GROUP BY stream
      ) USING (stream)
    );
  DROP TABLE journal_by_version;
  -- A way into the middle of a long journal: from one of these the entries before it are at most 63 steps away.
  CREATE INDEX journal_mark ON journal (stream, version) WHERE version % 64 = 0;
  -- Lives of one file in the order in which they ended.
  DROP INDEX former_at;
  CREATE INDEX former_at ON former (at, seq);
  `,
  `
  -- What one channel has, by page, and how much that is, without a look at the messages.
  CREATE INDEX rejected_channel ON rejected (channel, no, bytes);
  `,
]
