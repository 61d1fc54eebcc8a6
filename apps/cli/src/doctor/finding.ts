/** What one look found. */
export interface Finding {
  readonly check: string
  readonly status: 'ok' | 'warn' | 'fail'
  readonly message: string
  /** What to do, where something is to be done. */
  readonly cure: string | null
}

export const ok = (check: string, message: string): Finding => ({ check, status: 'ok', message, cure: null })
export const warn = (check: string, message: string, cure: string): Finding => ({
  check,
  status: 'warn',
  message,
  cure,
})
export const fail = (check: string, message: string, cure: string): Finding => ({
  check,
  status: 'fail',
  message,
  cure,
})
