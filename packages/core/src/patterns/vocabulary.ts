/*
 * Words that programs use to say what happened, as opposed to names they say it of. Where messages differ in such a
 * word they say different things, so it takes many more of them than of names until they are taken for values.
 * General English of operating, computing and moving data; nothing of any one product.
 */

const words = (...lines: readonly string[]): ReadonlySet<string> => new Set(lines.flatMap((line) => line.split(' ')))

/** Words that carry grammar. They are never values. */
export const FUNCTION_WORDS = words(
  'a an and are as at be been before after between both but by can cannot could did do does during either every for',
  'from had has have if in into is it its may might must neither no nor not of off on only onto or out over per shall',
  'should since so than that the their them then there these they this those through to too under until up upon was',
  'were what when where which while who whose will with within without would yet you your any all each other another',
)

/** Stems of verbs; their usual endings are taken off before they are looked up. */
const VERBS = words(
  'abort accept access acknowledge acquire activate add adjust allocate allow analyze append apply approve archive arrive',
  'ask assert assign associate attach attempt authenticate authorize await backup balance begin bind block boot break',
  'bring build bypass cache calculate call cancel catch change charge check choose claim clean clear click clone close',
  'collect commit compare compile complete compress compute configure confirm connect consume contact contain continue',
  'control convert copy correct corrupt count crash create deactivate decline decode decompress decrease decrypt defer',
  'define delay delegate delete deliver deny deploy deprecate deregister destroy detach detect diagnose disable discard',
  'disconnect discover dispatch dispose down download drain drop dump duplicate eject elect emit empty enable encode',
  'encounter encrypt end enqueue enter enumerate establish estimate evaluate evict exceed exclude execute exist exit',
  'expand expect expire export expose extend extract fail fall fault fetch fill filter find finish fire fix flush follow',
  'force fork format forward found free freeze generate get give go grant grow halt handle hang hide hit hold ignore',
  'import include increase increment index infer init initialize initialise initiate insert inspect install instantiate',
  'interrupt invalidate invoke isolate issue join keep kill launch leave limit link listen load locate lock log lose',
  'lost make manage map mark match merge migrate miss mismatch modify monitor mount move mute negotiate normalize notify',
  'obtain occur open operate optimize overflow overlap override overwrite park parse pass patch pause peer pend perform',
  'permit ping play plug point poll populate post prepare preempt press prevent print probe process produce promote',
  'provision publish pull purge push put query queue quit raise reach read reboot rebuild receive recalculate reclaim',
  'recognize reconnect recover recycle redirect reduce refer refresh refuse regenerate register reject release reload',
  'relocate remain remove rename render renew reopen repair repeat replace replicate reply report request require rerun',
  'reschedule reserve reset resize resolve respond restart restore resume retire retrieve retry return reuse revert',
  'revoke rewrite roll rotate route run save scale scan schedule search seek select send sent serve set shrink shut',
  'sign signal skip sleep snapshot sort spawn split stall start starve steer step stop store stream submit subscribe',
  'succeed suspend swap switch synchronize sync take tear terminate test throw throttle time timeout toggle trace track',
  'train transfer transform transition translate transmit trigger truncate trust try tune turn unblock unbind uninstall',
  'unload unlock unmount unpause unplug unregister unsubscribe unsuspend update upgrade upload use validate verify view',
  'violate wait wake warm warn watch wrap write written yield',
)

/** Nouns, states and qualities of such messages. */
const OTHERS = words(
  'ability active actual address age alarm alert alive ambiguous amount anonymous attribute available average bad bit',
  'body boolean bottom branch broken buffer bus busy byte capacity case certificate channel character checksum child',
  'circular class client closed code cold column comma command condition config configuration conflict connection',
  'connectivity consistent constraint content context core correctable count cpu critical current cycle data database',
  'date day dead deadline deadlock debug decimal default degraded delimiter dependency destination device different',
  'digit direct directory disk document domain done double down driver due duration dynamic early element eligible empty',
  'encoding engine entry environment equal error even event exception exclusive expected external extra failure false',
  'fatal feature field file final first flag float foreign forbidden fresh full function future gateway general global',
  'good group half handler hardware header health healthy heap heartbeat high host hot hour id identical idle illegal image',
  'immediate inactive incoming incompatible incomplete inconsistent incorrect info information inner input instance',
  'instruction insufficient integer integrity interface internal interval invalid item job kernel key kind label large',
  'last late latency latest layer leader length less level line list live local location long loop low main maintenance',
  'major malformed manual mask master max maximum memory message metadata method min minimum minor minute missing mode',
  'module more most multiple name native negative network new newer next node none normal notice null number numeric object',
  'odd offline offset ok okay old older one online operation operational option optional order orphan other outcome outer',
  'outgoing output outside overload owner package packet page parameter parent parity partial partition password past path',
  'payload pending percent period permission persistent plain policy pool port position positive possible power precision',
  'prefix present previous primary priority private privileged problem procedure process progress property protected',
  'protocol public quota random range rate raw ready reason recent record recursive reference regular relative remote',
  'replica reserved resource response rest result right role round row safe same scheduled schema scope script second',
  'secondary section sector secure security segment semaphore sequence serial server service session severe shard shared',
  'short shutdown signature similar single size slave slot slow small socket soft software source space special stable stack',
  'stale standard standby state static station statement status storage strict string subject success successful sudden',
  'suffix summary supported symbol syntax system table tag target task temperature temporary text thread threshold tick',
  'timer timestamp tls token top total traffic transaction transient true type unable unavailable unauthorized unchanged',
  'uncorrectable undefined unexpected unhealthy unique unit unknown unlimited unreachable unreadable unresponsive',
  'unsupported untrusted unused upper urgent usage user utilization valid value variable verbose version virtual visible',
  'void volume vote warning weak whole width window work worker wrong yes zero zone left right north south east west',
  'fast critical emergency fan voltage battery screen silent loud idle enabled disabled up down in out yes no',
)

/** Whether programs use the word to say what happened. In small letters. */
export const isVocabulary = (word: string): boolean => {
  if (OTHERS.has(word) || VERBS.has(word) || FUNCTION_WORDS.has(word)) return true
  if (word.endsWith('s') && (isStem(word.slice(0, -1)) || (word.endsWith('es') && isStem(word.slice(0, -2)))))
    return true
  if (word.endsWith('ed') && isStemOf(word.slice(0, -2))) return true
  if (word.endsWith('ing') && isStemOf(word.slice(0, -3))) return true
  if (word.endsWith('er') && isStemOf(word.slice(0, -2))) return true
  if (word.endsWith('ly') && OTHERS.has(word.slice(0, -2))) return true
  if (word.endsWith('ion'))
    return isStemOf(word.slice(0, -3)) || (word.endsWith('ation') && isStemOf(word.slice(0, -5)))
  for (const prefix of ['un', 're', 'de', 'in', 'non', 'pre'])
    if (word.startsWith(prefix) && word.length > prefix.length + 3 && isVocabulary(word.slice(prefix.length)))
      return true
  return false
}

/** Whether a word tells what was done, or how: `closed`, `failing`, `successfully`. In small letters. */
export const isVerbal = (word: string): boolean =>
  VERBS.has(word) || (/(?:ed|ing|ly)$/.test(word) && isVocabulary(word))

const isStem = (word: string): boolean => VERBS.has(word) || OTHERS.has(word)

/** The stem of an ending that starts with a vowel: `stop|ped`, `clos|ing`, `load|ed`, `retri|ed`. */
const isStemOf = (stem: string): boolean =>
  VERBS.has(stem) ||
  VERBS.has(`${stem}e`) ||
  (stem.endsWith('i') && VERBS.has(`${stem.slice(0, -1)}y`)) ||
  (stem.at(-1) === stem.at(-2) && VERBS.has(stem.slice(0, -1)))

/** Nouns that are followed by a name, in messages about data; some of other languages, as files come from anywhere. */
export const NAMED_NOUNS = words(
  'column columns field fields attribute attributes element elements property properties parameter parameters segment',
  'constraint relation table sheet variable argument setting option named called tag',
  'spalte feld blatt tabelle colonne champ columna campo colonna kolom',
)

/** Nouns that a name often follows, unless a word of the vocabulary does: `user alice`, but `user unknown`. */
export const OWNED_NOUNS = words(
  'user username account realm tenant customer supplier vendor partner brand category currency country language locale',
  'host hostname pool queue topic cluster region volume database schema plugin package module',
  'group role agent project application program service interface device driver channel site branch zone',
  'name alias symbol identifier literal keyword algorithm attr bucket namespace repository collection encoding charset enum',
  'benutzer kunde lieferant',
)
