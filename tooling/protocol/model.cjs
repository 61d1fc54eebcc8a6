'use strict';
// The store (every operation one atomic step; the move is one transaction with snapshot isolation) and the protocol, as generators.
const DAY = 86400e3, KEEP = 15 * DAY, STALL = 130e3, LEGACY = 'K1', AMB = { amb: true }, KINDS = ['error', 'warning'];

// Guards and steps of the protocol. FINAL is the protocol; run.js --set name=value takes one away (or brings one back).
const FINAL = {
  // first update, reservation
  reserve: true,        // the name is reserved (version 0) before the first entry; false: first entry, then the document
  joinEmail: true,      // only a writer of the reservation's email commits on it; false: anybody does
  voidFirst: true,      // (X,1,void) before a reservation is removed; false: it is removed when no entry is seen
  wait: 100,            // ms before another email's reservation is voided, doubled with each void of the call; 0: at once
  resGuard: true,       // removal of a voided reservation guarded by fileId
  backoff: true,        // a pause, growing, after failed commits
  askFormer: true,      // with a reservation standing: rows are read
  movedRule: 'any',     // refuse FILE_MOVED when: 'any' row says moved, 'newest' row says moved, 'none'
  // updates
  lookPrev: true,       // ids are looked up in previous lives
  bound: true,          // … up to the row's version only
  lookFresh: true,      // after a commit that failed: ids are looked up in the own stream
  lookRefuse: true,     // before a refusal: ids are looked up in the own stream
  lookRolled: true,     // … after the document was rolled: needed where a repeat says a later time than its first (not modelled)
  lookConflict: true,   // … and before SCHEMA_CONFLICT in previous lives
  idUnique: true,       // unique (fileId, updates.id)
  stopAtClose: true,    // folding stops at a moved/deleted/void entry
  snapGuard: 'lt',      // snapshot: version < new; 'eq' version = base; 'none'
  snapFile: true,       // snapshot: guarded by fileId
  snapSure: true,       // a snapshot write that was not answered: no answer, start again
  ackAfterSnap: true,   // answer only after the snapshot
  tableFirst: false,    // tables before the snapshot
  tableAhead: true,     // reader whose table is ahead reads again; false: takes it as it is
  tableLag: true,       // reader whose table lags rolls it forward; false: takes it as it is
  tableLate: true,      // an update may answer after its snapshot; what it changed in tables is written later, with that of those after it
  tableSpan: true,      // … only into a table from the first version on that it was gathered from, and before the last; false: into any
  tableGap: true,       // … and gathered without a gap: what another process wrote between is in no part of it; false: over gaps
  tableKept: true,      // a process goes on from the table that it made itself; false: reads it for each update
  hideV0: true,         // reservations are hidden from reads
  // delete
  rowFirst: true,       // row before removal
  delGuard: true,       // removal guarded by fileId
  rowOver: true,        // a row is overwritten; false: the first one stands
  rowStamp: true,       // a row carries the time at which it was written; false: the closing entry's time
  voidRow: true,        // a void gets a row too (its purge starts there); false: purged 15 days after its entry
  delSettle: true,      // a delete's own id is looked up after an ambiguous commit
  // move
  txEntry: true,        // the entry `moved`
  txRow: true,          // the row in K1
  txPrev: true,         // previous = K2's rows
  txDropPrev: true,     // K1's `previous` is not taken along
  txMoved: true,        // refused while a row of K2 says that another file moved away
  txReserve: false,     // the mover reserves K2's name first, as a first update does (instead of txKey)
  txAnyDoc: true,       // refused by any document of that name in K2, adopted or not
  txVoidRes: true,      // a bare reservation in K2 is voided in the transaction
  txKey: true,          // the store reports a conflict when K2's key was taken and freed since the transaction's snapshot
  mvSettle: true,       // after an ambiguous end the mover looks its own id up
  // adoption, parking
  adoptMark: true,      // `adopting`: never voided, finished by whoever finds it
  adoptGuard: true,     // adoption only where fileId is absent
  adoptPrev: true,      // adopt entry takes `previous`
  adoptShow: true,      // reads show a document in adoption as it was
  parkMark: true,       // `parking` before the copy
  parkGuard: true,      // `parking` only where fileId is absent
  parkHide: true,       // a parking document is hidden from look-ups of the name
  // sweep, purge
  sweepV0: true, sweepHeads: true,
  overlap: 300e3,       // a wide sweep: the time of the last wide one less 300 s
  sweepWideEvery: 300e3, // a sweep is wide when the last wide one is so old; 0: each is, 1e15: the first alone
  sweepNarrow: 10e3,    // the others: the mark, the time of the last sweep of either kind, less this
  sweepStop: true,      // a sweep that could not roll a document forward ends: no purge, no mark
  rowPurgeGuard: true,  // a row is purged only if still old
  // late snapshots (a server is a process that runs several calls; it crashes as a whole)
  late: true,           // an update may answer after its entry, its snapshot comes later
  lateMark: true,       // … only under an answered mark of its own; false: without
  lateAnswered: true,   // an unanswered insert of a mark does not count
  lateNew: true,        // version 1 is never late (and a bare reservation is not marked)
  lateIssues: true,     // nothing with issues is late
  lateLast: true,       // nothing that completes is late
  lateAtAnswer: true,   // whether a commit may be late is decided when its insert was answered; false: before it is sent
  lateRead: true,       // a reader rolls the marked files
  lateReadFirst: true,  // marks are read before documents; false: documents, then marks; no marks -> the documents are used
  lateReadSure: true,   // a reader whose roll was not answered fails; false: goes on
  lateOwn: true,        // own late states are flushed before own reads
  lateOwners: 'others', // whose marks are read: 'others', 'all'
  lateOwnerNew: true,   // a restarted process is another owner; false: the same name as before
  lateKeep: true,       // a late state stays in the map until its write is answered; false: taken out before it is sent
  lateDrop: true,       // … and only up to the version written; false: whatever is there
  lateUnmark: true,     // a mark goes only when nothing is late
  lateUnmarkSync: true, // the file leaves the list in the step that sees that nothing is late, then the mark is deleted; false: after the delete
  lateUnmarkId: true,   // deleted by its _id; false: by owner and file
  lateAge: 300e3,       // the owner does not rest on an older mark; Infinity ('none'): it does
  lateSweepAge: 900e3,  // the sweep removes marks older than this
  lateSweepAfter: true, // … after it has rolled; false: before
  lateSweepStart: true, // … older at its start; false: at the time of the removal (needed only without lateSweepRoll)
  lateSpan: 'none',     // in place of lateSweepRoll: nothing is late whose entry took longer than this from its time `at` to the answer
  lateSweepRoll: true,  // the sweep itself rolls the files of the old marks before it removes these, instead of relying on the entries' times
  lateBase: true,       // an update starts from the late state of its own process (instead of the document)
};

function rng(seed) { let a = (seed * 2654435761 + 12345) >>> 0;
  return () => { a = (a + 0x6D2B79F5) | 0; let t = Math.imul(a ^ (a >>> 15), 1 | a); t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t; return ((t ^ (t >>> 14)) >>> 0) / 4294967296; }; }
class Violation extends Error { constructor(code, msg) { super(code + ': ' + msg); this.code = code; } }

// ---- store ------------------------------------------------------------------------------------------------------
class Store {
  constructor(w) { this.w = w; this.progress = new Map(); this.journal = new Map(); this.former = new Map(); this.tables = new Map(); this.parked = new Map(); this.mark = 0; this.wide = 0; this.oldIndex = false; this.newIndex = true; this.ghost = new Map(); this.purged = new Set(); this.keyMod = new Map(); this.behind = new Map(); }
  uniq(doc, self) {
    for (const [id, d] of this.progress) { if (id === self) continue;
      if (d.fileId !== undefined && doc.fileId !== undefined && d.clientKrn === doc.clientKrn && d.filename === doc.filename) return 'P1';
      if (this.newIndex && d.clientKrn === doc.clientKrn && d.filename === doc.filename && d.email === doc.email) return 'P2';
      if (this.oldIndex && d.filename === doc.filename && d.email === doc.email) return 'OLD'; }
    return null; }
  touch(d) { this.keyMod.set(d.clientKrn + '/' + d.filename, this.w.step); }
  known(doc) { if (doc.fileId && !this.ghost.has(doc.fileId)) this.ghost.set(doc.fileId, { client: doc.clientKrn, filename: doc.filename, owner: null, closed: null, segs: [{ client: doc.clientKrn, from: 0, to: Infinity }], len: 0 }); }
  insDoc(doc) { if (this.progress.has(doc._id)) return { dup: '_id' }; const u = this.uniq(doc, null); if (u) return { dup: u }; this.progress.set(doc._id, doc); this.touch(doc); this.known(doc); this.w.onDocs(); return { ok: 1 }; }
  updDoc(guard, patch) { for (const [id, d] of this.progress) if (guard(d)) { const n = { ...d, ...patch }; for (const k in n) if (n[k] === undefined) delete n[k]; const u = this.uniq(n, id); if (u) return { dup: u }; this.progress.set(id, n); if (n.fileId !== d.fileId) this.touch(n); this.known(n); this.w.onDocs(); return { n: 1 }; } return { n: 0 }; }
  delDoc(guard) { for (const [id, d] of this.progress) if (guard(d)) { this.progress.delete(id); this.touch(d); const g = this.ghost.get(d.fileId); if (g && g.client === d.clientKrn) g.goneStep = this.w.step; return { n: 1 }; } return { n: 0 }; }
  find(f) { const r = []; for (const d of this.progress.values()) if (f(d)) r.push(d); return r; }
  byName(client, filename) { return this.find(d => d.filename === filename && !(d.parking && this.w.F.parkHide) && (d.clientKrn === client || (client === LEGACY && d.clientKrn === undefined))); }
  stream(X) { return this.journal.get(X) || []; }
  dupEntry(e) { for (const x of this.stream(e.fileId)) { if (x.version === e.version) return { dup: 'version' }; if (this.w.F.idUnique) for (const u of x.updates) for (const v of e.updates) if (u.id === v.id) return { dup: 'id' }; } return null; }
  insEntry(e) { const dup = this.dupEntry(e); if (dup) return dup; let s = this.journal.get(e.fileId); if (!s) this.journal.set(e.fileId, s = []); this.w.onEntry(e, s); s.push(e); s.sort((a, b) => a.version - b.version); this.w.afterEntry(e); return { ok: 1 }; }
  entries(X, after, upTo = Infinity) { return this.stream(X).filter(e => e.version > after && e.version <= upTo); }
  byIds(X, ids, upTo = Infinity) { const r = []; for (const e of this.stream(X)) if (e.version <= upTo) for (const u of e.updates) if (ids.has(u.id)) r.push({ ...u, v: e.version }); return r; }
  rows(client, filename) { const r = []; for (const x of this.former.values()) if (x.clientKrn === client && x.filename === filename && x.state !== 'void' && this.w.now - x.at < KEEP) r.push(x); return r; }
  upsertRow(client, filename, X, state, v, at) { const k = client + '|' + filename + '|' + X; if (this.w.F.rowOver || !this.former.has(k)) this.former.set(k, { clientKrn: client, filename, fileId: X, state, v, at }); return { n: 1 }; }
  purgeSome(X) { const s = this.stream(X); if (s.length) { this.purged.add(X); this.journal.set(X, s.filter((e, i) => i % 2)); } return { n: 1 }; }   // deleteMany, cut off half way, in no order
  purge(X) { if (this.journal.delete(X)) this.purged.add(X); for (const k of KINDS) this.tables.delete(X + '|' + k); return { n: 1 }; }
}

// ---- steps --------------------------------------------------------------------------------------------------------
const R = (label, fn) => ({ t: 'r', label, fn });
const W = (label, fn, commit) => ({ t: 'w', label, fn, commit: !!commit });
const SLEEP = ms => ({ t: 's', ms, label: 'sleep ' + ms });
function* wr(label, fn) { for (let i = 0; i < 5; i++) { const r = yield W(label, fn); if (r !== AMB) return r; } return AMB; }   // idempotent writes are repeated

// ---- pure part ------------------------------------------------------------------------------------------------------
const CLOSING = new Set(['deleted', 'moved', 'void']);
function evolve(s, e) {
  const n = { ...s, version: e.version };
  if (e.version === 1) { n.previous = e.previous; delete n.adopting; }
  if (e.kind === 'adopt') { n.count = e.base.count; n.completed = e.base.completed; n.completedSentAt = 0; }
  if (e.kind === 'update') { n.count = (n.count || 0) + e.n; if (e.isLast && !n.completed) { n.completed = true; n.completedSentAt = e.sentAt; } }
  if (e.issues) for (const k of KINDS) if (e.issues.some(i => i.kind === k)) n.tv = { ...(n.tv || {}), [k]: e.version };
  return n;
}
function fold(s, es, F) { for (const e of es) { if (CLOSING.has(e.kind)) { if (F.stopAtClose || e === es[es.length - 1]) return { s, closing: e }; s = { ...s, version: e.version }; continue; } s = evolve(s, e); } return { s, closing: null }; }
function addIssues(tab, e, kind) { const t = { ...tab }; for (const i of e.issues || []) if (i.kind === kind) t[i.text] = { pid: t[i.text] ? t[i.text].pid : i.pid, count: (t[i.text] ? t[i.text].count : 0) + 1 }; return t; }
function decide(s, cmds, idx) {
  const acc = [], refused = []; let completed = s.completed, cs = s.completedSentAt, isLast = false, sentAt;
  for (const i of idx) { const c = cmds[i];
    if (c.email !== s.email) { refused.push([i, 'NOT_OWNER']); continue; }
    if (completed && !(c.sentAt < cs)) { refused.push([i, 'COMPLETED']); continue; }
    acc.push(i); if (c.isLast && !completed) { completed = true; cs = c.sentAt; isLast = true; sentAt = c.sentAt; } }
  return { acc, refused, isLast, sentAt };
}

// ---- protocol --------------------------------------------------------------------------------------------------------
function P(w) {
  const F = w.F, st = w.store, nm = (c, f) => c + '/' + f;
  const is = d0 => d => d.clientKrn === d0.clientKrn && d.filename === d0.filename && d.fileId === d0.fileId;
  const oldest = ds => ds.reduce((a, b) => (a.createdAt < b.createdAt || (a.createdAt === b.createdAt && a._id < b._id) ? a : b));
  const saysMoved = (rows, X) => { rows = rows.filter(r => r.fileId !== X); if (!rows.length || F.movedRule === 'none') return false; return F.movedRule === 'any' ? rows.some(r => r.state === 'moved') : rows.reduce((a, b) => (b.at >= a.at ? b : a)).state === 'moved'; };

  function* snapWrite(s, base) {
    const { _id, ...patch } = s; patch.adopting = undefined;
    const r = yield* wr(`snapshot ${nm(s.clientKrn, s.filename)} ${s.fileId} v${s.version}`, () => st.updDoc(d => d.clientKrn === s.clientKrn && d.filename === s.filename && (!F.snapFile || d.fileId === s.fileId) && (F.snapGuard === 'none' || (F.snapGuard === 'lt' ? d.version < s.version : d.version === base)), patch));
    if (r !== AMB && r.dup) w.fail('SNAPCONFLICT', `snapshot refused by ${r.dup} after commit`);
    return r;
  }
  // ---- late snapshots: p.srv = {owner, held: key -> [{id, at}], late: key -> state} is the memory of a process
  const lk = (c, f, X) => c + '|' + f + '|' + X;
  const rests = (V, k) => F.late && (!F.lateMark || (V.held.get(k) || []).some(m => F.lateAge === 'none' || w.now - m.at <= F.lateAge));
  function* mark(p, client, filename, X) {
    const V = p.srv, k = lk(client, filename, X), m = { _id: w.newId('b'), owner: V.owner, clientKrn: client, filename, fileId: X, at: w.now };
    const r = yield W(`mark ${m._id} ${k} by ${V.owner}`, () => { if (st.behind.has(m._id)) return { dup: '_id' }; st.behind.set(m._id, m); return { ok: 1 }; });
    if (r === AMB ? !F.lateAnswered : r.ok) { if (!V.held.has(k)) V.held.set(k, []); V.held.get(k).push({ id: m._id, at: m.at }); }
  }
  const drop = (V, k, v) => { const q = V.late.get(k); if (q && (q.version <= v || !F.lateDrop)) V.late.delete(k); };
  function* flushLate(V, k) {   // -> false when the store did not answer
    const s = V.late.get(k); if (!s) return true;
    if (!F.lateKeep) V.late.delete(k);
    if ((yield* snapWrite(s, s.version - 1)) === AMB) { if (!F.lateKeep && !V.late.has(k)) V.late.set(k, s); return false; }
    drop(V, k, s.version); return true;
  }
  function* unmark(V, k) {
    if (F.lateUnmark && V.late.has(k)) return;
    const ms = V.held.get(k); if (!ms || !ms.length) return;
    if (F.lateUnmarkSync) V.held.delete(k);
    for (const m of ms.slice()) yield W(`unmark ${m.id} ${k}`, () => { if (F.lateUnmarkId) st.behind.delete(m.id); else for (const [id, b] of st.behind) if (b.owner === V.owner && lk(b.clientKrn, b.filename, b.fileId) === k) st.behind.delete(id); return { n: 1 }; });
    if (!F.lateUnmarkSync) V.held.delete(k);
  }
  function* flush(p) {   // the timer of a file
    const o = p.op, V = p.srv, k = o.key;
    yield SLEEP(o.delay);
    if (o.early) yield* unmark(V, k);
    let ok = false; for (let i = 0; i < 3 && !ok; i++) { ok = yield* flushLate(V, k); if (!ok) yield SLEEP(400); }
    if (o.pause) yield SLEEP(o.pause);
    V.flushing.delete(k);
    if (o.unmark) yield* unmark(V, k);
  }
  function* marks(p, client, filename) {   // -> the marked files, or null
    const V = p.srv;
    return yield R(`marks ${nm(client, filename || '*')}`, () => { const r = new Map(); for (const b of st.behind.values()) if (b.clientKrn === client && (!filename || b.filename === filename) && (F.lateOwners === 'all' || b.owner !== V.owner)) r.set(b.fileId, b); return [...r.values()]; });
  }
  function* rollMarked(ms) {   // -> false when the store did not answer
    for (const b of ms) { w.stat.marksMet++;
      const d = (yield R(`marked ${nm(b.clientKrn, b.filename)} ${b.fileId}`, () => st.find(is(b))))[0]; if (!d) continue;
      const es = yield R(`entries ${d.fileId} >${d.version}`, () => st.entries(d.fileId, d.version)), f = fold(d, es, F);
      if (f.s.version > d.version) { w.stat.marksRolled++; if ((yield* snapWrite(f.s, d.version)) === AMB && F.lateReadSure) return false; } }
    return true;
  }
  function* own(p, client, filename) {
    const V = p.srv; let any = false;
    for (const k of [...V.late.keys()]) { const s = V.late.get(k); if (!s || s.clientKrn !== client || (filename && s.filename !== filename)) continue; any = true; if (!(yield* flushLate(V, k)) && F.lateReadSure) return false; }
    if (any) w.stat.readsOwn++;
    return true;
  }
  function* before(p, client, filename) {   // before a read: -> false: 503
    if (!F.late) return true;
    if (F.lateOwn && !(yield* own(p, client, filename))) return false;
    if (!F.lateRead || !F.lateReadFirst) return true;
    const ms = yield* marks(p, client, filename); if (ms.length) w.stat.readsMet++;
    return yield* rollMarked(ms);
  }
  function* tableWrite(X, kind, version, tab) { return yield* wr(`table ${X} ${kind} v${version}`, () => { st.tables.set(X + '|' + kind, { version, tab }); return { n: 1 }; }); }
  // p.srv.rows = key -> {from, to, rows}: what tables lack, p.srv.kept = key -> {version, tab}: what this process made of them
  function rowsWait(V, key, q) { const o = V.rows.get(key); V.rows.set(key, o && (o.to === q.from || !F.tableGap) ? { from: o.from, to: q.to, rows: { ...o.rows, ...q.rows } } : q); }
  function* tableFlush(p) {   // the timer of a table
    const V = p.srv, { key, X, tkind } = p.op; yield SLEEP(p.op.delay);
    const q = V.rows.get(key); V.rows.delete(key); V.tabling.delete(key); if (!q) return;
    const r = yield* wr(`table ${X} ${tkind} v${q.from}..${q.to}`, () => { const t = st.tables.get(key) || { version: 0, tab: {} }; if (t.version >= q.to || F.tableSpan && t.version < q.from) return { n: 0 }; st.tables.set(key, { version: q.to, tab: { ...t.tab, ...q.rows } }); w.stat.tablesLate++; return { n: 1 }; });
    if (r !== AMB) return;
    const n = V.rows.get(key); V.rows.set(key, q); if (n) rowsWait(V, key, n); w.tableOp(p, V, key, X, tkind);
  }
  function* tableAt(s, kind) {   // the table at the version that the snapshot names; {ahead} when the row has gone past it
    const tv = (s.tv && s.tv[kind]) || 0, row = yield R(`read table ${s.fileId} ${kind}`, () => st.tables.get(s.fileId + '|' + kind)), rv = row ? row.version : 0;
    let tab = row ? row.tab : {};
    if (rv > tv) return F.tableAhead ? { ahead: true } : { tab };
    if (rv < tv && F.tableLag) { const es = yield R(`entries ${s.fileId} ${rv}<v<=${tv}`, () => st.entries(s.fileId, rv, tv)); for (const e of es) tab = addIssues(tab, e, kind); yield* tableWrite(s.fileId, kind, tv, tab); }
    return { tab };
  }
  // finishes what a closing entry began: row, stamped with the present time, then removal (moved: nothing, the transaction did all)
  function* finishClosing(d, e) {
    if (e.kind === 'moved') return true;
    const row = function* () { if (e.kind === 'void' && !F.voidRow) return 0; return yield* wr(`row ${nm(d.clientKrn, d.filename)} ${d.fileId} ${e.kind}`, () => st.upsertRow(d.clientKrn, d.filename, d.fileId, e.kind, e.version, F.rowStamp ? w.now : e.at)); };
    if (F.rowFirst && (yield* row()) === AMB) return false;
    const byFile = e.kind === 'deleted' ? F.delGuard : F.resGuard;
    const r = yield* wr(`remove ${nm(d.clientKrn, d.filename)} ${d.fileId}`, () => st.delDoc(x => x.clientKrn === d.clientKrn && x.filename === d.filename && (!byFile || x.fileId === d.fileId)));
    if (r === AMB) return false;
    return F.rowFirst || (yield* row()) !== AMB;
  }
  const voidOf = X => ({ fileId: X, version: 1, kind: 'void', at: w.now, updates: [{ id: 'void' }] });
  function* takeOver(d) {
    const e = voidOf(d.fileId);
    if (F.voidFirst) { const c = yield W(`COMMIT void ${d.fileId} v1`, () => st.insEntry(e), true); if (!c.ok) return; yield* finishClosing(d, e); }
    else yield* wr(`remove reservation ${nm(d.clientKrn, d.filename)} ${d.fileId}`, () => st.delDoc(x => is(d)(x) && x.version === 0));
  }
  function* adoptEntry(d) {
    const rows = F.adoptPrev ? yield R(`former ${nm(d.clientKrn, d.filename)}`, () => st.rows(d.clientKrn, d.filename)) : [];
    const issues = d.legacyIssues.map(t => ({ kind: 'error', text: t, pid: `${d.fileId}:error:1:${d.legacyIssues.indexOf(t)}` }));
    yield W(`COMMIT adopt ${d.fileId} v1`, () => st.insEntry({ fileId: d.fileId, version: 1, kind: 'adopt', at: w.now, owner: d.email, previous: rows.map(r => ({ fileId: r.fileId, v: r.v })), base: { count: d.legacyCount, completed: false }, issues, updates: [{ id: 'adopt' }] }), true);
  }
  // -> none | legacy (reads only) | reserved (version 0, no entry) | live
  function* load(client, filename, o) {
    for (let k = 0; k < 25; k++) {
      const docs = yield R(`read ${nm(client, filename)}`, () => st.byName(client, filename));
      if (!docs.length) return { kind: 'none' };
      let d = docs.find(x => x.fileId !== undefined), fresh = o.fresh;
      if (!d) {
        d = oldest(docs); if (o.read) return { kind: 'legacy', d };
        const id = d._id;
        const r = yield W(`adopt ${nm(client, filename)} ${id}`, () => st.updDoc(x => x._id === id && (!F.adoptGuard || x.fileId === undefined), { clientKrn: client, fileId: id, version: 0, adopting: F.adoptMark || undefined }));
        if (!F.adoptMark && r.n) yield* adoptEntry({ ...d, clientKrn: client, fileId: id });
        continue;
      }
      if (d.version === 0) {
        if (o.read && !(d.adopting && F.adoptShow) && F.hideV0) return { kind: 'none' };
        if (o.read && d.adopting) return { kind: 'legacy', d };
        const es = yield R(`entries ${d.fileId} >0`, () => st.entries(d.fileId, 0));
        if (!es.length) { if (d.adopting) { yield* adoptEntry(d); continue; } return { kind: o.read ? 'live' : 'reserved', d, s: d }; }
        fresh = true;
      }
      let s = d;
      if (fresh) {
        const es = yield R(`entries ${d.fileId} >${d.version}`, () => st.entries(d.fileId, d.version)), f = fold(d, es, F); s = f.s;
        if (f.closing) { yield* finishClosing(d, f.closing); continue; }
        if (s.version > d.version && (yield* snapWrite(s, d.version)) === AMB && F.snapSure) return { kind: 'wait' };
      }
      return { kind: 'live', s };
    }
    return { kind: 'wait' };
  }
  function* lookup(list, cmds, pend, out) {   // list: [{fileId, v}]
    const ids = new Set(pend().map(i => cmds[i].id)); if (!ids.size) return;
    for (const q of list) { const us = yield R(`ids in ${q.fileId} <=${q.v}`, () => st.byIds(q.fileId, ids, F.bound ? q.v : Infinity));
      for (const u of us) for (const i of pend()) if (cmds[i].id === u.id) out[i] = u.hash === cmds[i].hash ? 'duplicate' : 'KEY_REUSED'; }
  }
  function* record(p, client, filename, cmds) {
    const out = cmds.map(() => null), pend = () => out.map((x, i) => i).filter(i => out[i] === null), t0 = w.now;
    let fresh = false, seen = null, voids = 0;
    for (let tries = 0; ; tries++) {
      if (tries > 60 || w.now - t0 > p.patience) { for (const i of pend()) out[i] = 'unknown'; return out; }
      if (!pend().length) return out;
      let L = yield* load(client, filename, { fresh });
      if (L.kind === 'wait') { yield SLEEP(400); continue; }
      let s, looked, base;
      if (L.kind === 'none') {
        const id = w.newId('f'), doc = { _id: id, clientKrn: client, filename, fileId: id, version: 0, email: cmds[pend()[0]].email, count: 0 };
        if (F.reserve) {
          const r = yield W(`reserve ${nm(client, filename)} ${id} ${doc.email}`, () => st.insDoc(doc));
          if (r === AMB || (r.dup && r.dup !== 'OLD')) continue;
          if (r.dup) { if (F.lookConflict) yield* lookup((yield R(`former ${nm(client, filename)}`, () => st.rows(client, filename))), cmds, pend, out); for (const i of pend()) if (cmds[i].email === doc.email) out[i] = 'SCHEMA_CONFLICT'; continue; }
        } else st.known(doc);
        L = { kind: 'reserved', d: doc };
      }
      if (L.kind === 'reserved') {   // with a reservation standing, whoever's: ask former
        const d = L.d, rows = F.askFormer ? yield R(`former ${nm(client, filename)}`, () => st.rows(client, filename)) : [], prev = rows.map(r => ({ fileId: r.fileId, v: r.v }));
        if (F.lookPrev) yield* lookup(prev, cmds, pend, out);
        if (saysMoved(rows)) for (const i of pend()) out[i] = 'FILE_MOVED';
        if (!pend().length) return out;   // the reservation is left to the sweep
        if (F.joinEmail && cmds[pend()[0]].email !== d.email) {
          if (F.wait && seen !== d.fileId) { seen = d.fileId; yield SLEEP(F.wait * 2 ** voids); continue; }
          voids++; yield* takeOver(d); continue;
        }
        s = { ...d, previous: prev, email: F.joinEmail ? d.email : cmds[pend()[0]].email }; looked = true;
      } else {
        s = L.s; const q = F.late && F.lateBase && p.srv.late.get(lk(client, filename, s.fileId)); if (q && q.version > s.version) s = q;
        const list = (F.lookPrev && s.previous || []).concat(fresh && F.lookFresh ? [{ fileId: s.fileId, v: s.version }] : []);
        if (list.length) yield* lookup(list, cmds, pend, out);
        looked = fresh && F.lookFresh;
      }
      base = s.version;
      if (!pend().length) return out;
      let dec = decide(s, cmds, pend());
      if (dec.refused.length && !looked && F.lookRefuse) { if (F.lookRolled) { fresh = true; continue; } yield* lookup([{ fileId: s.fileId, v: s.version }], cmds, pend, out); if (!pend().length) return out; dec = decide(s, cmds, pend()); }
      if (!dec.acc.length) { for (const [i, c] of dec.refused) out[i] = c; return out; }
      const v = base + 1, issues = [], tabs = {}; let ahead = false;
      for (const kind of KINDS) { const mine = []; for (const i of dec.acc) for (const x of cmds[i].issues) if (x.kind === kind) mine.push(x); if (!mine.length) continue;
        const kept = F.tableLate && F.tableKept && p.srv.kept.get(s.fileId + '|' + kind), T = kept && s.tv && kept.version === s.tv[kind] ? kept : yield* tableAt(s, kind); if (T.ahead) { ahead = true; break; } let tab = T.tab;
        mine.forEach((x, j) => { const pid = tab[x.text] ? tab[x.text].pid : `${s.fileId}:${kind}:${v}:${j}`, it = { kind, text: x.text, pid }; issues.push(it); tab = addIssues(tab, { issues: [it] }, kind); }); tabs[kind] = tab; }
      if (ahead) { fresh = true; continue; }
      const e = { fileId: s.fileId, version: v, kind: 'update', at: w.now, n: dec.acc.length, isLast: dec.isLast, sentAt: dec.sentAt, issues, updates: dec.acc.map(i => ({ id: cmds[i].id, hash: cmds[i].hash, msg: cmds[i].msg })), gclient: client, gemail: cmds[dec.acc[0]].email };
      if (v === 1) e.previous = s.previous;
      for (let i = 0; i < w.chunks; i++) yield R('chunk', () => 0);
      const V = p.srv, k = lk(client, filename, s.fileId), can = F.late && !(dec.isLast && F.lateLast) && !(issues.length && F.lateIssues) && !(v === 1 && F.lateNew);
      if (F.late && F.lateMark && p.op.mark && (v > 1 || !F.lateNew) && !rests(V, k)) { if (p.op.mark === 1) yield* mark(p, client, filename, s.fileId); else w.background({ kind: 'mark', srv: p.op.srv, client, filename, X: s.fileId }); }
      const rest0 = can && rests(V, k);
      const c = yield W(`COMMIT ${s.fileId} v${v} [${e.updates.map(u => u.id)}] by ${e.gemail} in ${client}`, () => st.insEntry(e), true);
      if (!c.ok) { fresh = true; if (F.backoff && (c === AMB || tries > 3)) yield SLEEP(5 + 20 * tries); continue; }
      if (can && (F.lateSpan === 'none' || w.now - e.at <= F.lateSpan) && (F.lateAtAnswer ? rests(V, k) : rest0)) {   // one step: remembered, answered
        const n = evolve(s, e), q = V.late.get(k); if (!q || q.version < n.version) V.late.set(k, n);
        if (!V.flushing.has(k)) { V.flushing.add(k); w.background(w.flushOp(p, k)); }
        w.stat.late += dec.acc.length; w.stat.lateCommits++;
        for (const i of dec.acc) out[i] = 'applied'; for (const [i, code] of dec.refused) out[i] = code;
        return out;
      }
      if (!F.ackAfterSnap) w.early(dec.acc.map(i => cmds[i].msg), e);
      if (!F.reserve && v === 1) yield* wr(`insert ${nm(client, filename)} ${s.fileId}`, () => st.insDoc({ ...L.d }));
      if (F.tableFirst) for (const kind of KINDS) if (tabs[kind]) yield* tableWrite(s.fileId, kind, v, tabs[kind]);
      let n = evolve(s, e); const q = F.late && V.late.get(k); if (q && q.version > n.version) n = q;   // the newest state
      const r = yield* snapWrite(n, base);
      if (r === AMB && F.snapSure) { fresh = true; continue; }   // no answer before the snapshot holds it
      if (F.late) drop(V, k, n.version);
      if (!F.tableFirst) for (const kind of KINDS) if (tabs[kind]) {
        if (!F.tableLate) { yield* tableWrite(s.fileId, kind, v, tabs[kind]); continue; }
        const key = s.fileId + '|' + kind, rows = {}; for (const x of issues) if (x.kind === kind) rows[x.text] = tabs[kind][x.text];
        rowsWait(p.srv, key, { from: (s.tv && s.tv[kind]) || 0, to: v, rows }); p.srv.kept.set(key, { version: v, tab: tabs[kind] }); w.tableOp(p, p.srv, key, s.fileId, kind);
      }
      for (const i of dec.acc) out[i] = 'applied'; for (const [i, code] of dec.refused) out[i] = code;
      return out;
    }
  }
  function* del(p, client, filename, email, admin) {
    const did = 'del:' + p.id, t0 = w.now; let fresh = false, X = null;
    for (let tries = 0; tries < 60 && w.now - t0 < p.patience; tries++) {
      const L = yield* load(client, filename, { fresh });
      if (L.kind === 'wait') { yield SLEEP(400); continue; }
      if (X && F.delSettle) { const f = yield R(`ids in ${X}`, () => st.byIds(X, new Set([did]))); if (f.length) { if (L.kind === 'live' && L.s.fileId === X) continue; return { code: 204, X }; } }
      if (L.kind !== 'live') return { code: 404, X };
      if (!admin && L.s.email !== email) return { code: 403 };
      const e = { fileId: L.s.fileId, version: L.s.version + 1, kind: 'deleted', at: w.now, updates: [{ id: did }], gclient: client };
      const c = yield W(`COMMIT deleted ${e.fileId} v${e.version} in ${client}`, () => st.insEntry(e), true);
      if (c.ok) { const ok = yield* finishClosing(L.s, e); return { code: ok ? 204 : 503, X: e.fileId }; }
      X = e.fileId; fresh = true;
    }
    return { code: 503 };
  }
  function* move(p, K1, K2, filename) {
    const mid = 'mv:' + p.id, t0 = w.now; let X = null;
    for (let tries = 0; tries < 30 && w.now - t0 < p.patience; tries++) {
      const L = yield* load(K1, filename, { fresh: true });   // adopts, finishes a delete, rolls forward
      if (L.kind === 'wait') { yield SLEEP(400); continue; }
      if (X && F.mvSettle) { const f = yield R(`ids in ${X}`, () => st.byIds(X, new Set([mid]))); if (f.length) return { code: 'moved', X, v: f[0].v }; }
      if (L.kind !== 'live') return { code: 'absent', X };
      if (F.txReserve) { const id = w.newId('r'); if (!(yield R(`read ${nm(K2, filename)}`, () => st.byName(K2, filename))).length) { const r = yield W(`reserve ${nm(K2, filename)} ${id}`, () => st.insDoc({ _id: id, clientKrn: K2, filename, fileId: id, version: 0, email: L.s.email, count: 0 })); if (!r.ok) continue; } }
      const T = yield R(`tx begin ${nm(K1, filename)} -> ${K2}`, () => { const d = st.byName(K1, filename).find(x => x.fileId !== undefined); return { step: w.step, d, k2: st.byName(K2, filename).map(x => ({ x, bare: x.fileId !== undefined && x.version === 0 && !x.adopting && !st.stream(x.fileId).length })), rows: st.rows(K2, filename) }; });
      if (!T.d || T.d.version === 0) continue;
      const s = T.d; X = s.fileId;
      const k2 = F.txAnyDoc ? T.k2 : T.k2.filter(q => q.x.fileId !== undefined);
      if (k2.some(q => !(q.bare && F.txVoidRes))) return { code: 'exists', X };
      if (F.txMoved && saysMoved(T.rows, X)) return { code: 'exists', X };
      const res = k2.length ? k2[0].x : null, e = { fileId: X, version: s.version + 1, kind: 'moved', at: w.now, from: K1, to: K2, updates: [{ id: mid }] };
      const { _id, ...rest } = s, prev = (F.txDropPrev ? [] : s.previous || []).concat(F.txPrev ? T.rows.map(r => ({ fileId: r.fileId, v: r.v })) : []);
      const doc = { ...rest, _id: w.newId('m'), clientKrn: K2, version: e.version, previous: prev };
      const c = yield W(`TX moved ${X} v${e.version} ${K1}->${K2}`, () => {
        if (st.progress.get(_id) !== T.d) return { abort: 'K1 document' };
        if (st.dupEntry(e)) return { abort: 'journal' };
        if (F.txKey && st.keyMod.get(nm(K2, filename)) >= T.step) return { abort: 'K2 key' };
        if (res && (st.progress.get(res._id) !== res || st.dupEntry(voidOf(res.fileId)))) return { abort: 'reservation' };
        if (st.find(x => x.fileId !== undefined && x.clientKrn === K2 && x.filename === filename && x !== res).length) return { abort: 'K2 unique' };
        if (st.newIndex && st.find(x => x.clientKrn === K2 && x.filename === filename && x.email === doc.email && x !== res).length) return { abort: 'K2 unique email' };
        if (F.txEntry) st.insEntry(e);
        if (res) { st.insEntry({ ...voidOf(res.fileId), at: e.at }); st.upsertRow(K2, filename, res.fileId, 'void', 1, w.now); st.delDoc(is(res)); }
        if (F.txRow) st.upsertRow(K1, filename, X, 'moved', e.version, e.at);
        st.delDoc(x => x._id === _id); const r = st.insDoc(doc); if (r.dup) w.fail('TXDUP', r.dup); return { ok: 1 }; }, true);
      if (c.ok) return { code: 'moved', X, v: e.version };
      yield SLEEP(5 + 20 * tries);
    }
    return { code: 'busy' };
  }
  function* read(p, client, filename) {
    if (!(yield* before(p, client, filename))) return { unavailable: true };
    for (let k = 0; k < 8; k++) {
      let L = yield* load(client, filename, { read: true });
      if (F.late && F.lateRead && !F.lateReadFirst) { const ms = yield* marks(p, client, filename); if (ms.length) { w.stat.readsMet++; if (!(yield* rollMarked(ms))) return { unavailable: true }; L = yield* load(client, filename, { read: true }); } }
      if (L.kind === 'legacy') return { legacy: L.d };
      if (L.kind !== 'live') return { none: true };
      const s = L.s, res = { fileId: s.fileId, email: s.email, version: s.version, count: s.count, tabs: {} }; let again = false;
      for (const kind of KINDS) { if (!(s.tv && s.tv[kind])) continue; const T = yield* tableAt(s, kind); if (T.ahead) { again = true; break; } res.tabs[kind] = T.tab; }
      if (!again) return res;
    }
    return { starved: true };
  }
  const listed = client => R(`list ${client}`, () => st.find(d => (d.clientKrn === client || (client === LEGACY && d.clientKrn === undefined)) && (d.fileId === undefined || (d.adopting && F.adoptShow) || d.version > 0 || !F.hideV0)));
  function* list(p, client) {
    if (!(yield* before(p, client))) return { unavailable: true };
    let r = yield listed(client);
    if (F.late && F.lateRead && !F.lateReadFirst) { const ms = yield* marks(p, client); if (ms.length) { w.stat.readsMet++; if (!(yield* rollMarked(ms))) return { unavailable: true }; r = yield listed(client); } }
    return r; }
  function* roll(d) {   // -> false when the store did not answer
    const es = yield R(`entries ${d.fileId} >${d.version}`, () => st.entries(d.fileId, d.version)), f = fold(d, es, F);
    if (f.closing) return yield* finishClosing(d, f.closing);
    if (f.s.version > d.version) return (yield* snapWrite(f.s, d.version)) !== AMB;
    if (d.version === 0) yield* takeOver(d);
    return true; }
  function* sweep(p) {   // ends where a roll-forward is not answered: no purge, no mark
    const at = w.now, last = yield R('read mark', () => ({ mark: st.mark, wide: st.wide })), isWide = last.mark === 0 || at - last.wide >= F.sweepWideEvery, since = isWide ? last.wide - F.overlap : last.mark - F.sweepNarrow;
    if (F.sweepV0) for (const d of yield R('sweep: version 0', () => st.find(d => d.fileId !== undefined && d.version === 0))) { if (d.adopting) yield* load(d.clientKrn, d.filename, { fresh: true }); else if (!(yield* roll(d)) && F.sweepStop) return; }
    const oldMarks = function* () { if (!F.late) return; for (const b of yield R('sweep: old marks', () => [...st.behind.values()].filter(b => (F.lateSweepStart ? at : w.now) - b.at > F.lateSweepAge))) { w.stat.marksSwept++; if (F.lateSweepRoll && !(yield* rollMarked([b]))) return; yield W(`sweep removes mark ${b._id} of ${b.owner}`, () => { st.behind.delete(b._id); return { n: 1 }; }); } };
    if (!F.lateSweepAfter) yield* oldMarks();
    if (F.sweepHeads) for (const X of yield R('sweep: entries since the mark', () => { const r = []; for (const [X, s] of st.journal) if (s.some(e => e.at >= since)) r.push(X); return r; })) for (const d of yield R(`documents of ${X}`, () => st.find(d => d.fileId === X))) if (d.version > 0 && !(yield* roll(d)) && F.sweepStop) return;
    if (F.lateSweepAfter) yield* oldMarks();
    for (const [k, r] of yield R('purge: old rows', () => [...st.former].filter(([k, r]) => w.now - r.at >= KEEP))) {
      if (r.state !== 'moved') { const a = yield* wr(`purge some of ${r.fileId}`, () => st.purgeSome(r.fileId)); if (a === AMB || (yield* wr(`purge ${r.fileId}`, () => st.purge(r.fileId))) === AMB) return; }
      yield* wr(`purge row ${k}`, () => { const x = st.former.get(k); if (x && (!F.rowPurgeGuard || w.now - x.at >= KEEP)) st.former.delete(k); return { n: 1 }; }); }
    if (!F.voidRow) for (const X of yield R('purge: old voids', () => [...st.journal].filter(([X, s]) => s.some(e => e.kind === 'void' && w.now - e.at >= KEEP)).map(q => q[0]))) yield* wr(`purge ${X}`, () => st.purge(X));
    yield* wr('write mark', () => { st.mark = at; if (isWide) st.wide = at; return { n: 1 }; });
  }
  function* park(d) { if ((yield* wr(`park ${d._id}`, () => { if (!st.parked.has(d._id)) st.parked.set(d._id, d); return { n: 1 }; })) === AMB) return; yield* wr(`park removes ${d._id}`, () => st.delDoc(x => x._id === d._id && (F.parkMark ? x.parking === true : x.fileId === undefined))); }
  function* up(p) {
    const ds = yield R('up: no clientKrn', () => st.find(d => d.clientKrn === undefined));
    for (const d of ds) { const id = d._id; yield* wr(`up sets client on ${id}`, () => st.updDoc(x => x._id === id && x.clientKrn === undefined, { clientKrn: LEGACY })); }
    const pk = yield R('up: parking', () => st.find(d => d.parking)); for (const d of pk) yield* park(d);
    const un = yield R('up: groups', () => st.find(d => d.fileId === undefined && !d.parking));
    for (const d of un) {
      const g = yield R(`read ${nm(d.clientKrn, d.filename)}`, () => st.byName(d.clientKrn, d.filename)), me = g.find(x => x._id === d._id);
      if (!me || me.fileId !== undefined || g.length < 2) continue;
      if ((g.find(x => x.fileId !== undefined) || oldest(g))._id === me._id) continue;
      if (F.parkMark) { const a = yield* wr(`mark parking ${me._id}`, () => st.updDoc(x => x._id === me._id && (!F.parkGuard || x.fileId === undefined), { parking: true })); if (a === AMB) return; if (!a.n) continue; }
      yield* park(me);
    }
    yield W('up: indexes', () => { st.newIndex = true; if (!st.find(d => d.clientKrn === undefined).length) st.oldIndex = false; return { n: 1 }; });
  }
  return { record, del, move, read, list, sweep, up, flush, mark, tableFlush };
}
module.exports = { Store, P, FINAL, AMB, Violation, rng, evolve, addIssues, DAY, KEEP, STALL, LEGACY, KINDS };
