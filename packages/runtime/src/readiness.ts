/** How one component stands, fit to be shown to anybody. */
export interface ComponentState {
  readonly ok: boolean
  /** What is wrong, in words without addresses or secrets. */
  readonly detail?: string
}

/** What `/ready` answers: `ok` when every component is. */
export interface ReadinessReport {
  readonly status: 'ok' | 'unavailable'
  readonly components: Readonly<Record<string, ComponentState>>
}

/** Resolves when the component is ready, or with its state; throws when it is not: then only the error's code is told. */
export type ReadinessCheck = () => Promise<void> | Promise<ComponentState>

/**
 * Asks each component, at most once a second however often it is asked. One that does not answer in time is not ready,
 * and is not asked again before it has answered.
 */
export const createReadiness = (
  checks: Readonly<Record<string, ReadinessCheck>>,
  { deadlineMs = 2_000, keepMs = 1_000 } = {},
): (() => Promise<ReadinessReport>) => {
  const components = Object.entries(checks).map(([name, check]) => [name, askOnce(check)] as const)
  let asked: Promise<ReadinessReport> | null = null
  let askedAt = Number.NEGATIVE_INFINITY
  const ask = async (): Promise<ReadinessReport> => {
    const entries = await Promise.all(
      components.map(async ([name, state]) => [name, await inTime(state(), deadlineMs)] as const),
    )
    return { status: entries.every(([, { ok }]) => ok) ? 'ok' : 'unavailable', components: Object.fromEntries(entries) }
  }
  return () => {
    const now = performance.now()
    if (asked === null || now - askedAt > keepMs) {
      asked = ask()
      askedAt = now
    }
    return asked
  }
}

const askOnce = (check: ReadinessCheck): (() => Promise<ComponentState>) => {
  let inFlight: Promise<ComponentState> | null = null
  return () => {
    inFlight ??= stateOf(check).finally(() => {
      inFlight = null
    })
    return inFlight
  }
}

const stateOf = async (check: ReadinessCheck): Promise<ComponentState> => {
  try {
    return (await check()) ?? { ok: true }
  } catch (error) {
    return { ok: false, detail: error instanceof Error && 'code' in error ? String(error.code) : 'failed' }
  }
}

const inTime = (state: Promise<ComponentState>, deadlineMs: number): Promise<ComponentState> => {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<ComponentState>((resolve) => {
    timer = setTimeout(() => resolve({ ok: false, detail: `no answer within ${deadlineMs} ms` }), deadlineMs).unref()
  })
  return Promise.race([state, late]).finally(() => clearTimeout(timer))
}
