'use strict';
// World (faults, invariants), seeded scenarios, shrinking, command line. See README.
const { Store, P, FINAL, AMB, Violation, rng, evolve, addIssues, DAY, KEEP, STALL, LEGACY, KINDS } = require('./model.cjs');
const pick = (r, a) => a[Math.floor(r() * a.length)];

class World {
  constructor(F, opts = {}) { this.chunks = 0; this.F = F; this.now = 1e6; this.step = 0; this.store = new Store(this); this.proto = P(this); this.ids = 0; this.procs = []; this.zombies = []; this.applied = new Map(); this.acks = []; this.dels = []; this.moves = []; this.reads = new Map(); this.msgs = []; this.log = opts.log || null; this.refusedOnly = new Map(); this.trace = []; this.stat = { ops: 0, late: 0, lateCommits: 0, applied: 0, reads: 0, readsMet: 0, marksMet: 0, marksRolled: 0, readsOwn: 0, reads503: 0, marksSwept: 0, srvCrash: 0, lostLate: 0, tablesLate: 0, staleNeed: 0 }; this.msgState = new Map(); this.bg = rng(opts.seed || 1); this.servers = []; for (let i = 0; i < 3; i++) this.servers.push(this.server(i, 0)); }
  server(i, inc) { return { i, inc, owner: 's' + i + (this.F.lateOwnerNew ? '.' + inc : ''), held: new Map(), late: new Map(), flushing: new Set(), rows: new Map(), kept: new Map(), tabling: new Set() }; }
  background(op) { if (this.procs.length < 80) this.spawn(op); }
  flushOp(p, key) { const r = this.bg; return { kind: 'flush', srv: p.op.srv || 0, key, delay: pick(r, [5, 5, 300, 5e3, 100e3, 400e3, 1100e3]), early: r() < 0.3, pause: r() < 0.5 ? 0 : pick(r, [5, 300]), unmark: r() < 0.6 }; }
  tableOp(p, V, key, X, tkind) { if (V.tabling.has(key)) return; V.tabling.add(key); this.background({ kind: 'table', srv: p.op.srv || 0, key, X, tkind, delay: pick(this.bg, [5, 5, 300, 5e3, 100e3]) }); }
  crashServer(i) { const V = this.servers[i]; this.stat.srvCrash++; this.stat.lostLate += V.late.size; this.servers[i] = this.server(i, V.inc + 1); if (this.log) this.log(`t=${this.now} process ${V.owner} CRASHES, ${V.late.size} late`); for (const p of this.procs.slice()) if (p.srv === V && p.state === 'run') this.crash(p); }
  newId(p) { return p + (++this.ids); }
  fail(code, msg) { throw new Violation(code, msg); }
  onDocs() { const seen = new Set(); for (const d of this.store.progress.values()) { if (d.fileId === undefined || d.version === 0) continue; if (seen.has(d.fileId)) this.fail('TWOPLACES', `file ${d.fileId} readable in two documents`); seen.add(d.fileId); } }
  onEntry(e, s) {
    const g = this.store.ghost.get(e.fileId);
    if (!g) this.fail('NOSTREAM', e.fileId);
    if (g.closed) this.fail('AFTERCLOSE', `${e.kind} v${e.version} of ${e.fileId} after ${g.closed}`);
    if (e.version !== s.length + 1) this.fail('GAP', `${e.fileId} v${e.version} after ${s.length}` + (this.store.purged.has(e.fileId) ? ' (purged)' : ''));
    if (e.gclient && g.client !== e.gclient) this.fail('CROSSCLIENT', `${e.kind} v${e.version} of ${e.fileId} written from ${e.gclient}, file is in ${g.client}`);
    if (e.kind === 'update') { const o = g.owner || e.gemail; if (o !== e.gemail) this.fail('OWNER', `${e.gemail} writes into ${o}'s file`);
      if (!this.legacy.length) for (const [Y, y] of this.store.ghost) { const m = y.moves && y.moves[y.moves.length - 1]; if (Y !== e.fileId && m && y.filename === g.filename && m.from === e.gclient && this.now - m.at < KEEP - 3 * STALL) this.fail('WRONGLIFE', `update into ${e.fileId} in ${e.gclient}, from where ${Y} was moved`); } }
  }
  afterEntry(e) {
    const g = this.store.ghost.get(e.fileId); g.len = e.version; e.gstep = this.step;
    if (e.version === 1) { g.owner = e.kind === 'adopt' ? e.owner : e.gemail; }
    if (e.kind === 'deleted' || e.kind === 'void') { g.closed = e.kind; g.closedStep = this.step; g.closedAt = this.now; }
    if (e.kind === 'moved') { g.segs[g.segs.length - 1].to = e.version - 1; g.segs.push({ client: e.to, from: e.version, to: Infinity }); g.client = e.to; g.moves = (g.moves || []).concat([{ v: e.version, step: this.step, from: e.from, at: this.now }]); }
    for (const u of e.updates) if (u.msg) { let a = this.applied.get(u.msg); if (!a) this.applied.set(u.msg, a = []); a.push({ X: e.fileId, v: e.version, step: this.step, at: this.now }); }
  }
  visible(client, X, v) { const g = this.store.ghost.get(X); return g && g.segs.some(s => s.client === client && s.from <= v && v <= s.to); }
  foldOf(X, v) { let s = { count: 0, version: 0 }; for (const e of this.store.stream(X)) { if (e.version > v) break; if (e.kind === 'moved') { s = { ...s, version: e.version }; continue; } s = evolve(s, e); } return s; }
  tabOf(X, kind, v) { let t = {}; for (const e of this.store.stream(X)) if (e.version <= v) t = addIssues(t, e, kind); return t; }
  sameTab(a, b) { const k = Object.keys(a); return k.length === Object.keys(b).length && k.every(x => b[x] && b[x].pid === a[x].pid && b[x].count === a[x].count); }
  checkSeen(client, filename, X, v, s0, count, email) {
    if (v === 0) this.fail('PHANTOM', `${client} reads ${X}, which has no entry`);
    if (!this.visible(client, X, v)) this.fail('ISOLATION', `${client} reads ${X} v${v}`);
    const f = this.foldOf(X, v); if (this.store.journal.has(X) && f.count !== count) this.fail('COUNT', `${X} v${v} shows ${count}, journal ${f.count}`);
    const g = this.store.ghost.get(X); if (email && g.owner && g.owner !== email) this.fail('OWNER', `${X} shows owner ${email}, first entry by ${g.owner}`);
    for (const a of this.acks) if (a.end < s0 && a.X === X && a.v > v) this.fail('STALEREAD', `read of ${X} v${v} after ack of v${a.v}`);
    for (const d of this.dels) if (d.end < s0 && d.X === X) this.fail('ZOMBIEREAD', `read of ${X} after its delete was acknowledged`);
    for (const m of this.moves) if (m.end < s0 && m.X === X && v < m.v) this.fail('MOVEDREAD', `read of ${X} v${v} in ${client} after its move was acknowledged`);
    const rs = this.reads.get(X) || []; for (const r of rs) if (r.end < s0 && r.v > v) this.fail('BACKWARDS', `${X} v${v} in ${client} read after v${r.v} in ${r.client}`);
    rs.push({ end: this.step, v, client }); this.reads.set(X, rs);
  }
  checkMissing(client, filename, got, s0) {
    for (const a of this.acks) { if (a.end >= s0 || a.X === got) continue; const g = this.store.ghost.get(a.X); if (g.client !== client || g.filename !== filename || g.closed) continue;
      if (g.moves) { const last = g.moves[g.moves.length - 1]; if (!this.moves.some(m => m.X === a.X && m.v === last.v && m.end < s0)) continue; }
      this.fail('MISSING', `${client}/${filename}: ${a.X} acknowledged v${a.v}, read saw ${got || 'nothing'}`); }
  }
  finished(p, r) {
    const o = p.op, s0 = p.start;
    if (o.kind === 'deliver') {
      o.msgs.forEach((m, i) => { const c = r[i], ap = this.applied.get(m.msg) || []; const ms = this.msgState.get(m.msg) || { acked: false, open: false, refused: 0 }; this.msgState.set(m.msg, ms);
        if (c === 'unknown') { ms.open = true; return; }
        const mine = g => g.filename === o.filename && g.segs.some(s => s.client === o.client);
        if (c === 'applied' || c === 'duplicate') { if (!ap.length) this.fail('FALSEACK', `${m.id} ${c}, in no journal`); ms.acked = true; if (c === 'applied') this.stat.applied++; for (const a of ap) this.acks.push({ end: this.step, X: a.X, v: a.v }); return; }
        ms.refused++;
        if (c === 'KEY_REUSED') { let ok = false; for (const [X, g] of this.store.ghost) if (mine(g)) for (const s of g.segs) if (s.client === o.client) for (const e of this.store.stream(X)) if (e.version <= s.to) for (const u of e.updates) if (u.id === m.id && u.hash !== m.hash) ok = true; if (!ok && !this.store.purged.size) this.fail('LEAK', `${o.client}: id ${m.id} said to be reused, only another client used it`); return; }
        if (ap.some(a => a.step < s0 && this.now - a.at < KEEP && this.store.journal.has(a.X) && this.reach(a.X) && this.store.ghost.get(a.X).segs.some(s => s.client === o.client))) this.fail('REFUSEDREPEAT', `${m.id} was applied (${ap.map(a => a.X + ' v' + a.v)}), repeat refused ${c}`);
        if (c === 'NOT_OWNER') { let ok = false; for (const g of this.store.ghost.values()) if (mine(g) && g.owner && g.owner !== m.email && !(g.goneStep < s0)) ok = true; if (!ok && !this.store.purged.size) this.fail('BADREFUSAL', `${m.id} NOT_OWNER without another owner`); }
        if (c === 'COMPLETED') { let ok = false; for (const [X, g] of this.store.ghost) if (mine(g) && !(g.goneStep < s0)) for (const e of this.store.stream(X)) if ((e.isLast && e.sentAt <= m.sentAt)) ok = true; if (!ok && !this.store.purged.size) this.fail('BADREFUSAL', `${m.id} COMPLETED without a committed last update`); }
        if (c === 'FILE_MOVED') { let ok = false; for (const g of this.store.ghost.values()) if (g.filename === o.filename && (g.moves || []).some(x => x.from === o.client && this.now - x.at < KEEP + 100e3)) ok = true; if (!ok && !this.store.purged.size) this.fail('BADREFUSAL', 'FILE_MOVED without a move'); 
          for (const [X, g] of this.store.ghost) if (mine(g) && g.client === o.client && !g.closed && g.moves && g.moves[g.moves.length - 1].step < s0 && this.moves.some(q => q.X === X && q.v === g.moves[g.moves.length - 1].v && q.end < s0)) this.fail('BADREFUSAL', 'FILE_MOVED though the file is back'); 
          const last = this.lastClose(o.client, o.filename, s0); if (last === 'deleted') this.fail('BADREFUSAL', 'FILE_MOVED although the last life of the name here was deleted'); }
      });
    } else if (o.kind === 'del') { if (r.code === 204) { const g = this.store.ghost.get(r.X); if (!g || g.closed !== 'deleted') this.fail('FALSEACK', 'delete'); this.dels.push({ end: this.step, X: r.X, client: o.client, filename: o.filename }); } else if (r.code !== 503) this.settled('del:' + p.id, r.code); }
    else if (o.kind === 'move') { if (r.code === 'moved') { const g = this.store.ghost.get(r.X); if (!(g.moves || []).some(x => x.from === o.from && x.v === r.v)) this.fail('FALSEACK', 'move'); this.moves.push({ end: this.step, X: r.X, v: r.v }); }
      else if (r.code !== 'busy') this.settled('mv:' + p.id, r.code); }
    else if (o.kind === 'read') {
      this.stat.reads++; if (r.unavailable) { this.stat.reads503++; return; }
      if (r.starved) this.fail('STARVED', `a reader read ${p.steps} times without an answer`);
      if (r.legacy) { for (const a of this.acks) if (a.end < s0 && a.X === r.legacy._id && this.store.ghost.get(a.X).client === o.client) this.fail('STALEREAD', `old document ${a.X} shown after ack of v${a.v}`); return; }
      if (r.none) { for (const L of this.legacy) { const d = this.store.progress.get(L._id), g = this.store.ghost.get(L._id); if (o.client === LEGACY && d && !d.parking && !(g && (g.closed || g.moves))) this.fail('LEGACYHIDDEN', `read saw nothing, ${L._id} stands`); } return this.checkMissing(o.client, o.filename, null, s0); }
      this.checkSeen(o.client, o.filename, r.fileId, r.version, s0, r.count, r.email);
      for (const k of KINDS) if (this.store.journal.has(r.fileId)) { const want = this.tabOf(r.fileId, k, r.version); if (!this.sameTab(want, r.tabs[k] || {})) this.fail('TABLE', `${r.fileId} v${r.version} ${k}: ${JSON.stringify(r.tabs[k])} want ${JSON.stringify(want)}`); }
      this.checkMissing(o.client, o.filename, r.fileId, s0);
    } else if (o.kind === 'list') { this.stat.reads++; if (r.unavailable) { this.stat.reads503++; return; } for (const d of r) if (d.fileId !== undefined && !d.adopting) this.checkSeen(o.client, d.filename, d.fileId, d.version, s0, d.count, d.email);
      for (const f of ['F']) { const d = r.find(x => x.filename === f && x.fileId && x.version > 0); if (!r.some(x => x.filename === f && !(x.version > 0))) this.checkMissing(o.client, f, d && d.fileId, s0); } }
  }
  settled(id, code) { for (const [X, s] of this.store.journal) for (const e of s) if (e.updates.some(u => u.id === id)) this.fail('UNSETTLED', `${id} answered ${code}, it is ${X} v${e.version}`); }
  lastClose(client, filename, s0) { let best = -1, k = null; for (const [X, g] of this.store.ghost) { if (g.filename !== filename) continue; for (const m of g.moves || []) if (m.from === client && m.step > best) { best = m.step; k = 'moved'; } if (g.closed === 'deleted' && g.client === client && g.closedStep > best) { best = g.closedStep; k = 'deleted'; } } return best < s0 ? k : null; }
  reach(X) { const s = this.store.stream(X); if (!s.length) return false; if (s[s.length - 1].kind === 'deleted') return true; if (s[s.length - 1].kind === 'void') return false; return this.store.find(d => d.fileId === X).length > 0; }
  checkEnd(stage) {
    const st = this.store;
    for (const d of st.progress.values()) { if (d.fileId !== undefined && d.version === 0) this.fail('STUCK', `${stage}: document ${d._id} left at version 0`); }
    for (const [X, s] of st.journal) { const g = st.ghost.get(X); if (!s.length) continue; const last = s[s.length - 1].kind; const ds = st.find(d => d.fileId === X);
      if (last === 'deleted' || last === 'void') { if (ds.length) this.fail('STUCK', `${X} closed, document left`); if (last === 'deleted' && this.now - g.closedAt < KEEP - 1e6 && !st.former.has(g.client + '|' + g.filename + '|' + X)) this.fail('NOROW', X); if (last === 'deleted' && this.now - g.closedAt < KEEP - 1e6 && st.former.get(g.client + '|' + g.filename + '|' + X).state !== 'deleted') this.fail('WRONGROW', `${X} deleted, row says ${st.former.get(g.client + '|' + g.filename + '|' + X).state}`); continue; }
      if (ds.length !== 1) { const acked = s.some(e => e.updates.some(u => u.msg && this.msgState.get(u.msg) && this.msgState.get(u.msg).acked)); this.fail(acked ? 'LOST' : 'ORPHAN', `${stage}: stream ${X} (${s.length} entries) has ${ds.length} documents`); }
      const d = ds[0]; if (d.clientKrn !== g.client) this.fail('ISOLATION', `${X} lies in ${d.clientKrn}, journal says ${g.client}`);
      if (d.version !== s.length) this.fail('NOTFOLDED', `${stage}: ${X} document v${d.version}, journal v${s.length}`);
      const f = this.foldOf(X, d.version); if (f.count !== d.count || !!f.completed !== !!d.completed || d.email !== g.owner) this.fail('NOTFOLDED', `${X} ${d.count}/${f.count} ${d.email}/${g.owner}`);
      for (const k of KINDS) { const row = st.tables.get(X + '|' + k); const tv = (d.tv && d.tv[k]) || 0; if (row && (row.version > tv || !this.sameTab(row.tab, this.tabOf(X, k, row.version)))) this.fail('TABLE', `${stage} ${X} ${k} row v${row.version} tv ${tv}`); } }
    for (const [m, ap] of this.applied) { const re = ap.filter(a => st.purged.has(a.X) || this.reach(a.X)); 
      if (re.length > 1) { for (let i = 1; i < re.length; i++) { const g = st.ghost.get(re[i - 1].X); if (re[i].X === re[i - 1].X || !(g.closed === 'deleted' && re[i].at - g.closedAt >= KEEP - 3 * STALL || g.moves && re[i].at - g.moves[0].at >= KEEP - 3 * STALL)) this.fail('TWICE', `${stage}: ${m.id} in ${re.map(a => a.X + ' v' + a.v)}`); } } }
    for (const [m, ms] of this.msgState) { const ap = this.applied.get(m) || []; if (ms.acked && !ap.some(a => st.purged.has(a.X) || this.reach(a.X))) this.fail('LOST', `${stage}: ${m.id} acknowledged, in no file`); }
    for (const L of this.legacy || []) { let n = 0; const d = st.progress.get(L._id); if (d && d.fileId === undefined || st.parked.has(L._id)) n++; if (d && d.parking && this.procs.some(p => p.op.kind === 'up')) this.fail('STUCK', 'parking ' + d._id); if (st.stream(L._id).some(e => e.kind === 'adopt') || st.purged.has(L._id)) n++; if (n !== 1) this.fail(n ? 'LEGACYTWICE' : 'LEGACYLOST', `${stage}: old document ${L._id} is in ${n} places`); }
  }
  early(ms, e) { for (const m of ms) { const x = this.msgState.get(m) || { acked: false, open: false, refused: 0 }; x.acked = true; this.msgState.set(m, x); this.acks.push({ end: this.step, X: e.fileId, v: e.version }); } }
  // ---- processes -------------------------------------------------------------------------------------------------------
  spawn(op) { const p = { id: 'p' + this.procs.length, idx: this.procs.length, op, state: 'new', wake: op.delayed ? this.now + op.delayed : 0, patience: op.patience || 200e3, steps: 0 }; this.procs.push(p); return p; }
  begin(p) { const o = p.op, x = this.proto; p.start = this.step; if (o.kind === 'read' || o.kind === 'list') { for (const d of this.store.progress.values()) if (d.clientKrn === o.client && this.acks.some(a => a.X === d.fileId && a.v > d.version)) { this.stat.staleNeed++; break; } } p.srv = this.servers[o.srv || 0]; p.gen = o.kind === 'flush' ? x.flush(p) : o.kind === 'table' ? x.tableFlush(p) : o.kind === 'mark' ? x.mark(p, o.client, o.filename, o.X) : o.kind === 'deliver' ? x.record(p, o.client, o.filename, o.msgs) : o.kind === 'del' ? x.del(p, o.client, o.filename, o.email, o.admin) : o.kind === 'move' ? x.move(p, o.from, o.to, o.filename) : o.kind === 'read' ? x.read(p, o.client, o.filename) : o.kind === 'list' ? x.list(p, o.client) : o.kind === 'sweep' ? x.sweep(p) : x.up(p); p.state = 'run'; this.resume(p, undefined); }
  resume(p, v) { const r = p.gen.next(v); if (r.done) { p.state = 'done'; p.result = r.value; if (this.log) this.log(`t=${this.now} ${p.id} ${desc(p.op)} => ${JSON.stringify(r.value && p.op.kind === 'list' && r.value.length !== undefined ? r.value.length + ' docs' : r.value)}`); this.finished(p, r.value); return; } p.pend = r.value; p.pendAt = this.now; if (p.pend.t === 's') { p.wake = Math.max(p.wake, this.now + p.pend.ms); } }
  runnable() { const r = []; for (const p of this.procs) { if (p.wake > this.now) continue; if (p.state === 'run') r.push(p); else if (p.state === 'new' && (p.op.after === undefined || ['done', 'dead'].includes(this.procs[p.op.after].state))) r.push(p); } return r; }
  crash(p) { p.state = 'dead'; if (p.op.kind === 'flush' && p.srv) p.srv.flushing.delete(p.op.key); if (p.op.kind === 'table' && p.srv) p.srv.tabling.delete(p.op.key); if (this.log) this.log(`t=${this.now} ${p.id} ${desc(p.op)} CRASHES`); if (p.op.kind === 'deliver') { for (const m of p.op.msgs) { const ms = this.msgState.get(m.msg) || { acked: false, open: false, refused: 0 }; ms.open = true; this.msgState.set(m.msg, ms); } if (p.op.redeliver && this.procs.length < 40) this.spawn({ ...p.op, after: undefined, delayed: 0, redeliver: false, srv: this.F.late ? ((p.op.srv || 0) + 1) % 3 : p.op.srv }); } }
  doStep(p, act, arg) {
    this.step++; p.steps++; this.now += 5; this.stat.ops++;
    if (p.state === 'new') { if (act === 6) { p.wake = this.now + arg; return; } return this.begin(p); }
    const op = p.pend; const L = s => this.log && this.log(`t=${this.now} ${p.id} ${desc(p.op)}: ${op.label}${s}`);
    if (op.t === 's') return this.resume(p, undefined);
    if (act === 6) { L(` … sleeps ${arg / 1000} s first`); p.wake = this.now + arg; return; }
    if (act === 1) return this.F.late && arg ? this.crashServer(p.op.srv || 0) : this.crash(p);
    if (op.t === 'r') { const r = op.fn(); L(''); return this.resume(p, r); }
    if (act === 3) { const r = op.fn(); L(' (applied, answer lost) ' + (r.dup ? 'E11000 ' + r.dup : '')); return this.resume(p, AMB); }
    if (act === 4) { L(' (lost)'); return this.resume(p, AMB); }
    if (act === 5) { this.zombies.push({ fn: op.fn, label: op.label, at: p.pendAt }); L(' (connection lost, still under way)'); return this.resume(p, AMB); }
    const r = op.fn(); L(r.dup ? ' -> E11000 ' + r.dup : r.n === 0 ? ' -> no match' : ''); if (act === 2) return this.F.late && arg ? this.crashServer(p.op.srv || 0) : this.crash(p); return this.resume(p, r);
  }
  // run with random decisions, recording them
  run(r, prm) {
    let last = null, guard = 0;
    for (;;) {
      if (++guard > 15000) this.fail('HANG', 'still running: ' + this.procs.filter(p => p.state === 'run').map(p => desc(p.op)).join('; '));
      const run = this.runnable();
      if (!run.length) { let t = Infinity; for (const p of this.procs) if ((p.state === 'run' || p.state === 'new') && p.wake > this.now) t = Math.min(t, p.wake); if (t === Infinity) break; this.jumpTo(t); continue; }
      let p; if (last && run.includes(last) && r() > prm.sw) p = last; else p = pick(r, run); last = p;
      let act = 0, arg = 0; const x = r();
      if (x < prm.crash) { act = r() < 0.5 ? 1 : 2; if (this.F.late) arg = r() < 0.7 ? 1 : 0; } else if (x < prm.crash + prm.amb) act = 3 + Math.floor(r() * 3); else if (x < prm.crash + prm.amb + prm.stall) { act = 6; arg = Math.min(pick(r, [5e3, 31e3, 61e3, 70e3, 130e3]), p.state === 'new' ? Infinity : p.pendAt + STALL - this.now); last = null; if (arg <= 0) act = arg = 0; }
      else if (x < prm.crash + prm.amb + prm.stall + prm.jump) { const ms = Math.min(pick(r, [1e3, 10e3, 31e3, 61e3]), this.slack()); if (ms <= 0) continue; this.trace.push([-1, 7, ms]); this.now += ms; if (this.log) this.log(`(time + ${ms / 1000} s)`); continue; }
      else if (this.zombies.length && r() < 0.1) { const i = Math.floor(r() * this.zombies.length); this.trace.push([-1, 8, i]); this.applyZombie(i); continue; }
      else if (prm.days && r() < prm.days) { this.trace.push([-1, 9, 0]); this.bigJump(); continue; }
      if (act && act !== 6 && p.state !== 'new' && p.pend.t === 'r' && act > 2) act = 0;
      if (act && act !== 6 && (p.state === 'new' || p.pend.t === 's')) act = 0;
      this.trace.push([p.idx, act, arg]); this.doStep(p, act, arg);
    }
    while (this.zombies.length) this.applyZombie(0);
  }
  applyZombie(i) { const z = this.zombies.splice(i, 1)[0]; this.step++; const r = z.fn(); if (this.log) this.log(`t=${this.now} late: ${z.label} ${r.dup ? '-> E11000 ' + r.dup : r.n === 0 ? '-> no match' : 'lands'}`); }
  jumpTo(t) { for (let i = 0; i < this.zombies.length;) if (this.zombies[i].at + STALL < t) this.applyZombie(i); else i++; this.now = t; }   // nothing lands later than STALL
  slack() { let m = Infinity; for (const p of this.procs) if (p.state === 'run' && p.pend.t !== 's') m = Math.min(m, p.pendAt + STALL - this.now); for (const z of this.zombies) m = Math.min(m, z.at + STALL - this.now); return m; }
  bigJump() { for (const p of this.procs) if (p.state === 'run') this.crash(p); if (this.F.late) for (let i = 0; i < 3; i++) this.crashServer(i); this.zombies = []; this.now += 15.5 * DAY; if (this.log) this.log('(15.5 days pass)'); if (this.procs.length < 40) this.spawn({ kind: 'sweep' }); }
  replay(trace) {
    let guard = 0;
    for (const [i, act, arg] of trace) {
      if (act === 7) { this.now += arg; if (this.log) this.log(`(time + ${arg / 1000} s)`); continue; } if (act === 8) { if (this.zombies[arg]) this.applyZombie(arg); continue; } if (act === 9) { this.bigJump(); continue; }
      const p = this.procs[i]; if (!p) continue;
      if (p.wake > this.now && (p.state === 'run' || p.state === 'new')) this.jumpTo(p.wake);
      if (!this.runnable().includes(p)) continue;
      let a = act; if (p.state === 'new' && a !== 6) a = 0; if (p.state === 'run' && p.pend.t === 'r' && a > 2 && a < 6) a = 0; if (p.state === 'run' && p.pend.t === 's') a = 0;
      this.doStep(p, a, arg);
    }
    for (;;) { if (++guard > 15000) this.fail('HANG', 'replay'); const run = this.runnable(); if (!run.length) { let t = Infinity; for (const p of this.procs) if ((p.state === 'run' || p.state === 'new') && p.wake > this.now) t = Math.min(t, p.wake); if (t === Infinity) break; this.jumpTo(t); continue; } this.doStep(run[0], 0, 0); }
    while (this.zombies.length) this.applyZombie(0);
  }
  solo(op) { op.srv = this.procs.length % 3; if (op.kind === 'deliver') op.mark = 1; const p = this.spawn(op); let n = 0; for (;;) { if (++n > 3000) this.fail('HANG', 'alone: ' + desc(op)); if (p.state === 'done') return p.result; if (p.wake > this.now) this.now = p.wake; this.doStep(p, 0, 0); } }
  // every 100 s until one was wide: that is when all is healed
  sweepAll() { for (const end = this.now + 310e3; this.now < end;) { this.now += 100e3; this.solo({ kind: 'sweep' }); } }
  finish() {
    if (this.procs.some(p => p.op.kind === 'up')) this.solo({ kind: 'up' });
    this.sweepAll();
    this.checkEnd('after the sweep');
    for (const [c, f] of this.names) this.solo({ kind: 'read', client: c, filename: f });
    for (const m of this.msgs) { const r = this.solo({ kind: 'deliver', client: m.client, filename: m.filename, msgs: [m], patience: 300e3 }); if (r[0] === 'unknown') this.fail('HANG', `redelivery of ${m.id} ends unknown`); }
    this.sweepAll(); this.checkEnd('after redelivery');
    for (const [c, f] of this.names) this.solo({ kind: 'read', client: c, filename: f });
  }
}
function desc(o) { return (o.srv === undefined ? '' : 's' + o.srv + ' ') + desc0(o); }
function desc0(o) { return o.kind === 'deliver' ? `update[${o.msgs.map(m => m.id + (m.isLast ? '!' : ''))}] ${o.msgs[0].email}@${o.client}` : o.kind === 'del' ? `delete@${o.client}` : o.kind === 'move' ? `move ${o.from}->${o.to}` : o.kind + (o.client ? '@' + o.client : '') + (o.key ? ' ' + o.key : ''); }

// ---- scenarios ----------------------------------------------------------------------------------------------------------
const MIXES = ['create', 'delete', 'move', 'adopt', 'moveback', 'patterns', 'complete', 'days', 'oldindex', 'all', 'late', 'latetime', 'latemove'];
function scenario(seed, mix) {
  const r = rng(seed * 7 + 3); const ops = [], legacy = []; let mid = 0; const msgs = [];
  const M = (client, email, x = {}) => { const m = { id: x.id || 'u' + (++mid), client, filename: 'F', email, isLast: !!x.isLast, sentAt: x.sentAt || 1 + Math.floor(r() * 9), issues: [] }; if (mix === 'patterns' || r() < 0.15) { const n = Math.floor(r() * 3); for (let i = 0; i < n; i++) m.issues.push({ kind: pick(r, KINDS), text: pick(r, ['x', 'y', 'z']) }); } m.hash = email + '#' + (++mid); m.msg = { id: m.id + '/' + client }; msgs.push(m); return m; };
  const deliver = (ms, x = {}) => { ops.push({ kind: 'deliver', client: ms[0].client, filename: 'F', msgs: ms, redeliver: r() < 0.6, patience: r() < 0.2 ? 10e3 : 200e3, ...x }); return ops.length - 1; };
  const after = p => (ops.length && r() < p ? { after: Math.floor(r() * ops.length) } : {});
  const groups = (client, emails, n) => { for (let i = 0; i < n; i++) { const k = 1 + (r() < 0.3 ? 1 : 0); const ms = []; for (let j = 0; j < k; j++) ms.push(M(client, pick(r, emails), { isLast: r() < (mix === 'complete' ? 0.3 : 0.05), id: r() < 0.06 ? 'shared' + i + j : undefined })); deliver(ms, after(0.4)); if (r() < 0.35) deliver([pick(r, ms)], after(0.6)); } };
  const dels = (client, n) => { for (let i = 0; i < n; i++) ops.push({ kind: 'del', client, filename: 'F', admin: r() < 0.6, email: pick(r, ['a', 'b']), patience: 200e3, ...after(0.5) }); };
  const mv = (from, to) => ops.push({ kind: 'move', from, to, filename: 'F', patience: 200e3, ...after(0.5) });
  const aux = (clients, n) => { for (let i = 0; i < n; i++) { const x = r(); ops.push(x < 0.45 ? { kind: 'read', client: pick(r, clients), filename: 'F', ...after(0.4) } : x < 0.65 ? { kind: 'list', client: pick(r, clients), ...after(0.4) } : { kind: 'sweep', ...after(0.4) }); } };
  const leg = (n, client) => { for (let i = 0; i < n; i++) legacy.push({ _id: 'o' + i, clientKrn: client, filename: 'F', email: ['a', 'b', 'c'][i], createdAt: Math.floor(r() * 3), legacyCount: 10 * (i + 1), legacyIssues: ['x', 'y', 'x'].slice(0, Math.floor(r() * 4)) }); };
  let old = false, nw = true;
  if (mix === 'create') { groups('K1', ['a', 'b'], 2 + Math.floor(r() * 2)); aux(['K1'], 1 + Math.floor(r() * 2)); }
  if (mix === 'delete') { groups('K1', ['a', 'b'], 2 + Math.floor(r() * 2)); dels('K1', 1 + Math.floor(r() * 2)); aux(['K1'], 1); for (let i = 0; i < 2; i++) deliver([pick(r, msgs)], after(0.8)); }
  if (mix === 'move') { groups('K1', ['a'], 2); mv('K1', 'K2'); if (r() < 0.4) mv('K1', 'K2'); groups('K2', ['a', 'b'], 1); if (r() < 0.5) dels(pick(r, ['K1', 'K2']), 1); aux(['K1', 'K2'], 2); if (r() < 0.6) deliver([pick(r, msgs)], after(0.8)); }
  if (mix === 'moveback') { groups('K1', ['a'], 2); mv('K1', 'K2'); groups('K2', ['a'], 1); mv('K2', 'K1'); if (r() < 0.3) mv('K1', 'K3'); if (r() < 0.5) dels(pick(r, ['K1', 'K2']), 1); groups('K1', ['a'], 1); aux(['K1', 'K2'], 2); for (let i = 2; i < ops.length; i++) if (r() < 0.4) ops[i].after = i - 1; }
  if (mix === 'adopt') { leg(1 + Math.floor(r() * 2), r() < 0.6 ? undefined : 'K1'); groups('K1', ['a', 'b'], 2); if (r() < 0.7) ops.push({ kind: 'up', ...after(0.3) }); if (r() < 0.3) ops.push({ kind: 'up', ...after(0.3) }); if (r() < 0.5) dels('K1', 1); aux(['K1'], 2); old = legacy.some(d => d.clientKrn === undefined); nw = !old; }
  if (mix === 'patterns') { groups('K1', ['a'], 4); aux(['K1'], 3); }
  if (mix === 'complete') { groups('K1', ['a'], 3); aux(['K1'], 1); deliver([pick(r, msgs)], after(0.6)); }
  if (mix === 'days') { groups('K1', ['a', 'b'], 2); dels('K1', 1); if (r() < 0.4) { mv('K1', 'K2'); if (r() < 0.5) { mv('K2', 'K1'); dels('K1', 1); } } groups('K1', ['a', 'b'], 1); aux(['K1'], 2); if (r() < 0.5) ops.push({ kind: 'sweep', ...after(0.4) }); deliver([pick(r, msgs)], after(0.6)); }
  if (mix === 'oldindex') { old = true; nw = false; groups('K1', ['a', 'b'], 2); groups('K2', ['a', 'b'], 2); if (r() < 0.5) dels('K1', 1); aux(['K1', 'K2'], 1); }
  if (mix === 'all') { if (r() < 0.5) { leg(1, 'K1'); } groups('K1', ['a', 'b'], 3); mv('K1', 'K2'); if (r() < 0.5) mv('K2', pick(r, ['K1', 'K3'])); groups('K2', ['a', 'b'], 2); dels('K1', 1); dels('K2', 1); aux(['K1', 'K2', 'K3'], 4); for (let i = 0; i < 2; i++) deliver([pick(r, msgs)], after(0.8)); }
  if (mix === 'late') { groups('K1', ['a'], 4); aux(['K1'], 2); if (r() < 0.3) dels('K1', 1); }
  if (mix === 'latemove') { groups('K1', ['a'], 3); mv('K1', 'K2'); groups('K2', ['a'], 2); if (r() < 0.6) mv('K2', 'K1'); if (r() < 0.3) dels(pick(r, ['K1', 'K2']), 1); aux(['K1', 'K2'], 2); }
  if (mix === 'latetime') { groups('K1', ['a'], 4); for (let i = 0; i < 2; i++) ops.push({ kind: 'sweep', delayed: pick(r, [905e3, 1000e3, 1300e3]) + Math.floor(r() * 60e3) }); ops.push({ kind: 'sweep', ...after(0.4) }); for (const o of ops) if (o.kind === 'deliver' && r() < 0.6) o.delayed = pick(r, [250e3, 295e3, 310e3, 800e3, 899e3, 950e3, 1300e3]) + Math.floor(r() * 120e3); }
  const r2 = rng(seed * 17 + 11), cs = mix.includes('move') || mix === 'all' ? ['K1', 'K2'] : ['K1'], n2 = mix === 'oldindex' ? 1 : 2 + Math.floor(r2() * 3), t2 = mix === 'latetime';
  for (let i = 0; i < n2; i++) { const ds = ops.map((o, j) => j).filter(j => ops[j].kind === 'deliver'); ops.push({ kind: r2() < 0.65 ? 'read' : 'list', client: pick(r2, cs), filename: 'F', ...(r2() < 0.8 ? { after: pick(r2, ds) } : {}), ...(t2 && r2() < 0.6 ? { delayed: pick(r2, [300e3, 910e3, 1000e3, 1310e3]) + Math.floor(r2() * 120e3) } : {}) }); }
  for (const o of ops) { o.srv = Math.floor(r2() * 3); if (o.kind === 'deliver') o.mark = r2() < 0.2 ? 0 : r2() < 0.6 ? 1 : 2; }
  return { ops, legacy, old, nw, msgs };
}
function params(seed, mix) { const r = rng(seed * 13 + 5); return { sw: pick(r, [0.1, 0.3, 0.6, 1]), crash: pick(r, [0, 0.01, 0.03]), amb: pick(r, [0, 0, 0.02, 0.06, 0.06, r() < 0.2 ? 0.4 : mix.startsWith('late') && r() < 0.3 ? 0.8 : 0]), stall: pick(r, [0, 0.02, 0.05]), jump: pick(r, [0, 0, 0.01, 0.03]), days: mix === 'days' ? 0.02 : mix === 'all' || mix === 'delete' ? pick(r, [0, 0, 0.004]) : 0 }; }
function setup(F, seed, mix, opts = {}) {
  const sc = scenario(seed, mix); const w = new World(F, { ...opts, seed: seed * 31 + 7 }); w.store.oldIndex = sc.old; w.store.newIndex = sc.nw; w.legacy = sc.legacy; for (const d of sc.legacy) { w.store.progress.set(d._id, d.clientKrn === undefined ? (({ clientKrn, ...x }) => x)(d) : d); }
  w.msgs = sc.msgs; w.names = [['K1', 'F'], ['K2', 'F'], ['K3', 'F']];
  const keep = opts.keep; sc.ops.forEach((o, i) => { const q = { ...o }; const p = w.spawn(q); if (keep && !keep.has(i)) p.state = 'dead'; });
  return w;
}
function runSeed(F, seed, mix, opts = {}) { const w = setup(F, seed, mix, opts); try { w.run(rng(seed), params(seed, mix)); w.finish(); return { w, v: null }; } catch (e) { if (!(e instanceof Violation)) { e.message += ` [seed ${seed} ${mix}]`; throw e; } return { w, v: e }; } }
function replay(F, seed, mix, trace, keep, log) { const w = setup(F, seed, mix, { keep, log }); if (keep) { const used = new Set(); w.msgs = w.msgs.filter(m => w.procs.some(p => p.state !== 'dead' && p.op.msgs && p.op.msgs.includes(m))); } try { w.replay(trace); w.finish(); return { w, v: null }; } catch (e) { if (!(e instanceof Violation)) return { w, v: null, err: e }; return { w, v: e }; } }
function shrink(F, seed, mix, code) {
  const first = runSeed(F, seed, mix); if (!first.v) return null; code = code || first.v.code; let trace = first.w.trace.slice(); const n = scenario(seed, mix).ops.length; let keep = new Set([...Array(n).keys()]);
  const bad = (t, k) => { const x = replay(F, seed, mix, t, k); return x.v && x.v.code === code; };
  if (!bad(trace, keep)) return { seed, mix, code, trace, keep, note: 'not reproducible by replay', v: first.v };
  let changed = true; let budget = 4000;
  while (changed && budget > 0) { changed = false;
    for (const k of [...keep]) { const k2 = new Set(keep); k2.delete(k); const t2 = trace.filter(x => x[0] !== k); budget--; if (bad(t2, k2)) { keep = k2; trace = t2; changed = true; } }
    for (let size = Math.max(1, trace.length >> 1); size >= 1; size = size >> 1) { for (let i = 0; i < trace.length && budget > 0;) { const t2 = trace.slice(0, i).concat(trace.slice(i + size)); budget--; if (bad(t2, keep)) { trace = t2; changed = true; } else i += size; } if (size === 1) break; }
    for (let i = 0; i < trace.length; i++) if (trace[i][1] && trace[i][1] < 7) { const t2 = trace.slice(); t2[i] = [t2[i][0], 0, 0]; budget--; if (bad(t2, keep)) { trace = t2; changed = true; } }
    // fewer switches: move a step next to the previous one of its process
    for (let i = 1; i < trace.length && budget > 0; i++) { if (trace[i][0] === trace[i - 1][0]) continue; let j = i + 1; while (j < trace.length && trace[j][0] !== trace[i - 1][0]) j++; if (j < trace.length) { const t2 = trace.slice(); const [x] = t2.splice(j, 1); t2.splice(i, 0, x); budget--; if (sw(t2) < sw(trace) && bad(t2, keep)) { trace = t2; changed = true; } } }
  }
  return { seed, mix, code, trace, keep };
}
const sw = t => { let n = 0; for (let i = 1; i < t.length; i++) if (t[i][0] !== t[i - 1][0]) n++; return n; };

// ---- liveness: no faults, every process one step a round (fair); n first writers of different emails (and sweeps) -----------
function live(F, n, order, sweeps, chunks, limit = 20000) {
  const w = new World(F); w.chunks = chunks; w.legacy = []; w.names = [['K1', 'F']]; const r = typeof order === 'number' ? rng(order) : null;
  for (let i = 0; i < n; i++) { const M = { id: 'u' + i, client: 'K1', filename: 'F', email: 'e' + i, sentAt: 1, issues: [], hash: i, msg: { id: i } }; w.msgs.push(M); w.spawn({ kind: 'deliver', client: 'K1', filename: 'F', msgs: [M], patience: 1e12 }); }
  let steps = 0, sw = null;
  for (;;) { if (sweeps && (!sw || sw.state === 'done')) { sw = w.spawn({ kind: 'sweep' }); sw.wake = w.now + 1500; }   // 20 processes, a sweep each 30 s
    const ps = w.procs.filter(p => p.state !== 'done'); if (!ps.some(p => p.op.kind === 'deliver')) return { steps, max: w.procs.some(p => p.op.kind === 'deliver' && p.result[0] === 'unknown') ? Infinity : Math.max(...w.procs.filter(p => p.op.kind === 'deliver').map(p => p.steps)) };
    if (r) for (let i = ps.length - 1; i > 0; i--) { const j = Math.floor(r() * (i + 1)); [ps[i], ps[j]] = [ps[j], ps[i]]; }
    let any = false; for (const p of ps) { if (p.wake > w.now || p.state === 'done') continue; any = true; w.doStep(p, 0, 0); steps++; }
    if (!any) w.now = Math.min(...ps.map(p => p.wake)); if (steps > limit) return { steps, max: Infinity }; }
}
// a commit lands late, its process dies at once, a sweep ran in between: the first of all, a wide one, or one that is narrow
function lateCommit(F, narrow = false) {
  const w = new World(F); w.legacy = []; w.names = [['K1', 'F']]; const M = id => ({ id, client: 'K1', filename: 'F', email: 'a', sentAt: 1, issues: [], hash: id, msg: { id } }), m1 = M('u1'), m2 = M('u2'); w.msgs = [m1, m2];
  const d = m => w.spawn({ kind: 'deliver', client: 'K1', filename: 'F', msgs: [m], patience: 2e5 }), p0 = d(m1), p1 = d(m2), p2 = w.spawn({ kind: 'sweep' }), all = p => { while (p.state !== 'done') w.doStep(p, 0, 0); };
  try { all(p0); if (narrow) w.solo({ kind: 'sweep' }); do w.doStep(p1, 0, 0); while (!p1.pend.commit); w.now += STALL - 1e3; all(p2); w.doStep(p1, 2, 0); w.finish(); return 'ok'; } catch (e) { return e.message; }
}
// a delete crashes after its entry, no process lives for 400 s, the first sweep's roll-forward is not answered
function failedRoll(F) {
  const w = new World(F); w.legacy = []; w.names = [['K1', 'F']]; const m = { id: 'u1', client: 'K1', filename: 'F', email: 'a', sentAt: 1, issues: [], hash: 1, msg: { id: 'u1' } }; w.msgs = [m];
  const p0 = w.spawn({ kind: 'deliver', client: 'K1', filename: 'F', msgs: [m], patience: 2e5 }), p1 = w.spawn({ kind: 'del', client: 'K1', filename: 'F', admin: true, patience: 2e5 }), p2 = w.spawn({ kind: 'sweep' });
  try { while (p0.state !== 'done') w.doStep(p0, 0, 0); do w.doStep(p1, 0, 0); while (!p1.pend.commit); w.doStep(p1, 2, 0); w.now += 400e3; while (p2.state !== 'done') w.doStep(p2, p2.pend && p2.pend.t === 'w' && !p2.pend.label.includes('mark') ? 4 : 0, 0); w.finish(); return 'ok'; } catch (e) { return e.message; }
}
// hand-made: a file moved away comes back although a refused update left a reservation there; an old document stands in the target
function moveBack(F, old) {
  const w = new World(F); w.legacy = []; w.names = [['K1', 'F']]; const M = (id, client) => ({ id, client, filename: 'F', email: 'b', sentAt: 1, issues: [], hash: id, msg: { id } }), m1 = M('u1', 'K2'), m2 = M('u2', 'K1');
  w.solo({ kind: 'deliver', client: 'K2', filename: 'F', msgs: [m1] });
  if (old) w.store.progress.set('o0', { _id: 'o0', clientKrn: 'K1', filename: 'F', email: 'a', createdAt: 1, legacyCount: 1, legacyIssues: [] });
  else { w.solo({ kind: 'move', from: 'K2', to: 'K3', filename: 'F' }); w.solo({ kind: 'deliver', client: 'K2', filename: 'F', msgs: [M('u3', 'K2')] }); return w.solo({ kind: 'move', from: 'K3', to: 'K2', filename: 'F' }).code; }
  const r = w.solo({ kind: 'move', from: 'K2', to: 'K1', filename: 'F' }).code; return r + ', ' + w.solo({ kind: 'read', client: 'K1', filename: 'F' }).fileId + ' shown';
}
// hand-made schedules of late snapshots
function lateWorld(F) {
  const w = new World(F); w.legacy = []; w.names = [['K1', 'F']]; const all = p => { while (p.state !== 'done' && p.state !== 'dead') { if (p.wake > w.now) w.now = p.wake; w.doStep(p, 0, 0); } return p.result; };
  const upd = (id, srv, mark) => { const m = { id, client: 'K1', filename: 'F', email: 'a', sentAt: 1, issues: [], hash: id, msg: { id } }; w.msgs.push(m); return w.spawn({ kind: 'deliver', client: 'K1', filename: 'F', msgs: [m], patience: 1e7, srv, mark }); }, read = srv => all(w.spawn({ kind: 'read', client: 'K1', filename: 'F', srv })), sweep = () => w.spawn({ kind: 'sweep', srv: 2 });
  const until = (p, t) => { do { w.doStep(p, 0, 0); } while (!(p.pend && p.state === 'run' && p.pend.label.startsWith(t))); };
  return { w, all, upd, read, sweep, until }; }
const outcome = fn => { try { return fn() || 'ok'; } catch (e) { if (!(e instanceof Violation)) throw e; return e.message; } };
// a sweep lists the entries, then it is slow; a mark is set, an update answers late, its process dies; 905 s after the mark the sweep goes on to the old marks
const slowSweep = F => outcome(() => { const { w, all, upd, read, sweep, until } = lateWorld(F); all(upd('u1', 0, 0)); const S = sweep(); until(S, 'sweep: old marks'); all(upd('u2', 0, 1)); w.crashServer(0); w.now += 905e3; all(S); read(1); });
// an entry lands long after its time `at` (a process that stands still between the two); its answer rests on a new mark; the process dies; sweeps every 30 s
const oldEntry = F => outcome(() => { const { w, all, upd, read, sweep, until } = lateWorld(F); all(upd('u1', 0, 0)); const A = upd('u2', 0, 0); until(A, 'COMMIT'); for (let i = 0; i < 14; i++) { w.now += 30e3; all(sweep()); } const M = w.spawn({ kind: 'mark', srv: 0, client: 'K1', filename: 'F', X: 'f1' }); all(M); all(A); w.crashServer(0); let rs = ''; w.now += 905e3; for (let i = 0; i < 3; i++) { all(sweep()); w.now += 30e3; } read(1); });
// a marked file is rolled by a reader, none of whose writes is answered nor arrives
const noAnswer = F => outcome(() => { const { w, all, upd } = lateWorld(F); all(upd('u1', 0, 0)); all(upd('u2', 0, 1)); const p = w.spawn({ kind: 'read', client: 'K1', filename: 'F', srv: 1 }); while (p.state !== 'done') w.doStep(p, p.pend && p.pend.t === 'w' ? 4 : 0, 0); return p.result.unavailable ? 'ok (503)' : 'ok'; });
// ---- command line ---------------------------------------------------------------------------------------------------------------
const ABLATE = ['reserve=false', 'joinEmail=false', 'voidFirst=false',  'resGuard=false', 'askFormer=false', 'movedRule=newest', 'movedRule=none', 'lookPrev=false', 'bound=false', 'lookFresh=false', 'lookRefuse=false', 'lookConflict=false', 'idUnique=false', 'stopAtClose=false', 'snapGuard=eq', 'snapGuard=none', 'snapFile=false', 'ackAfterSnap=false', 'snapSure=false', 'tableFirst=true', 'tableAhead=false', 'tableLag=false', 'tableSpan=false', 'tableGap=false', 'tableKept=false', 'hideV0=false', 'rowFirst=false', 'delGuard=false', 'rowOver=false', 'rowStamp=false', 'voidRow=false', 'delSettle=false', 'txEntry=false', 'txRow=false', 'txPrev=false', 'txDropPrev=false', 'txMoved=false', 'txAnyDoc=false', 'txVoidRes=false', 'txKey=false', 'mvSettle=false', 'adoptMark=false', 'adoptGuard=false', 'adoptPrev=false', 'adoptShow=false', 'parkMark=false', 'parkGuard=false', 'parkHide=false', 'sweepV0=false', 'sweepHeads=false', 'overlap=0', 'sweepWideEvery=1e15', 'sweepStop=false', 'rowPurgeGuard=false'];
const ABLATE_LATE = ['lateMark=false', 'lateAnswered=false', 'lateNew=false', 'lateIssues=false', 'lateLast=false', 'lateAtAnswer=false', 'lateRead=false', 'lateReadFirst=false', 'lateReadSure=false', 'lateOwn=false', 'lateOwn=false,lateOwners=all', 'lateOwners=all', 'lateOwnerNew=false', 'lateKeep=false', 'lateDrop=false', 'lateUnmark=false', 'lateUnmarkSync=false', 'lateUnmarkId=false', 'lateAge=none', 'lateSweepAge=0', 'lateSweepAfter=false', 'lateSweepStart=false', 'lateSweepRoll=false', 'lateBase=true'];
function flags(str) { const F = { ...FINAL }; for (const kv of (str || '').split(',').filter(Boolean)) { const [k, v] = kv.split('='); if (!(k in F)) throw Error('no flag ' + k); F[k] = v === 'true' ? true : v === 'false' ? false : /^\d/.test(v) ? +v : v; } return F; }
function many(F, from, n, mixes, stop) { const hits = {}, stat = {}; let steps = 0, bad = 0; for (let i = 0; i < n; i++) { const seed = from + i, mix = mixes[seed % mixes.length], { w, v } = runSeed(F, seed, mix); steps += w.stat.ops; for (const k in w.stat) stat[k] = (stat[k] || 0) + w.stat[k]; if (v) { bad++; const h = hits[v.code] = hits[v.code] || { n: 0, mixes: {}, seeds: [] }; h.n++; h.mixes[mix] = (h.mixes[mix] || 0) + 1; if (h.seeds.length < 300) h.seeds.push([seed, mix, w.trace.length, v.message]); if (stop) break; } } for (const h of Object.values(hits)) h.seeds.sort((x, y) => x[2] - y[2]); return { hits, steps, bad, stat }; }
const byN = hits => Object.entries(hits).sort((x, y) => y[1].n - x[1].n);
function show(F, seed, mix, code) { const m = shrink(F, seed, mix, code), o = []; if (!m) return 'no violation'; const x = replay(F, m.seed, m.mix, m.trace, m.keep, l => o.push('  ' + l)); return (m.note ? m.note + '\n' : '') + o.join('\n') + '\n  !! ' + (x.v && x.v.message); }
if (require.main === module) {
  const a = process.argv.slice(2), arg = (k, d) => { const i = a.indexOf('--' + k); return i < 0 ? d : a[i + 1]; }, mixes = arg('mix') ? arg('mix').split(',') : MIXES, F = flags(arg('set')), t0 = Date.now();
  if (a[0] === '--one') console.log(show(flags(a[4]), +a[1], a[2], a[3]));
  else if (a[0] === '--ablate') { const list = arg('only') ? arg('only').split(' ') : a.includes('--late') ? ABLATE_LATE : ABLATE; for (const f of list) { const x = many(flags([arg('set'), f].filter(Boolean).join(',')), +arg('from', 1), +a[1], mixes); console.log(f.padEnd(20), String(x.bad).padStart(6), byN(x.hits).map(([c, h]) => `${c} ${h.n} (seed ${h.seeds[0][0]} ${h.seeds[0][1]})`).join(', ')); } }
  else if (a[0] === '--lates') { for (const f of ['', 'lateSweepStart=false', 'lateSweepRoll=false']) console.log('slow sweep', f, slowSweep(flags(f))); for (const f of ['', 'lateSweepRoll=false', 'lateSpan=100000']) console.log('old entry', f, oldEntry(flags(f))); for (const f of ['', 'lateReadSure=false']) console.log('no answer', f, noAnswer(flags(f))); }
  else if (a[0] === '--live') { for (const [wait, backoff] of [[0, false], [0, true], [100, false], [100, true]]) for (const n of [2, 5]) for (const chunks of [0, 4, 40]) { const L = { ...F, wait, backoff }, rr = live(L, n, 'round-robin', false, chunks); let max = 0, stuck = 0; const N = +arg('seeds', 200); for (let s = 1; s <= N; s++) { const x = live(L, n, s, true, chunks); if (x.max === Infinity) stuck++; else max = Math.max(max, x.max); } console.log(`wait ${wait} ms, back-off ${backoff}, ${n} first writers, ${chunks} steps before the commit: round-robin ${rr.max === Infinity ? 'LIVELOCK (given up after 60 tries)' : 'at most ' + rr.max + ' steps each'}; random order in each round and sweeps, ${N} seeds: longest ${max} steps, ${stuck} livelocked`); } for (const overlap of [0, 60e3, 130e3, 300e3]) console.log(`overlap ${overlap / 1e3} s, commit landing after ${(STALL - 1e3) / 1e3} s: ${lateCommit({ ...F, overlap })}`); for (const [sweepNarrow, sweepWideEvery] of [[10e3, 300e3], [0, 300e3], [10e3, 1e15], [130e3, 1e15]]) console.log(`narrow sweeps ${sweepNarrow / 1e3} s back, ${sweepWideEvery === 1e15 ? 'only the first wide' : 'wide ones every ' + sweepWideEvery / 1e3 + ' s'}, commit landing after ${(STALL - 1e3) / 1e3} s: ${lateCommit({ ...F, sweepNarrow, sweepWideEvery }, true)}`); for (const txVoidRes of [true, false]) console.log(`txVoidRes ${txVoidRes}: move back after a refused update: ${moveBack({ ...F, txVoidRes }, false)}`); for (const txAnyDoc of [true, false]) console.log(`txAnyDoc ${txAnyDoc}: move onto an old document: ${moveBack({ ...F, txAnyDoc }, true)}`); for (const sweepStop of [true, false]) console.log(`sweepStop ${sweepStop}: ${failedRoll({ ...F, sweepStop })}`); }
  else { const n = +arg('seeds', 10000), x = many(F, +arg('from', 1), n, mixes, a.includes('--stop')); console.log(`${n} seeds, ${x.steps} steps, ${x.bad} violations, ${((Date.now() - t0) / 1000).toFixed(1)} s\n  ${JSON.stringify(x.stat)}`);
    for (const [c, h] of byN(x.hits)) { console.log(`  ${c} ${h.n} ${JSON.stringify(h.mixes)}\n     e.g. ` + h.seeds.slice(0, 2).map(s => `seed ${s[0]} ${s[1]}: ${s[3]}`).join(' | ')); if (arg('show')) console.log(show(F, h.seeds[0][0], h.seeds[0][1], c)); } }
}
