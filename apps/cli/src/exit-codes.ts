/** What the exit code of every command means; 64 to 78 as in sysexits.h. */
export const EXIT = {
  ok: 0,
  /** The command ran and its answer is no: a row limit passed, a check failed, nothing under this name. */
  failed: 1,
  usage: 2,
  /** The input is not what it should be. */
  data: 65,
  noInput: 66,
  unavailable: 69,
  software: 70,
  io: 74,
  notAllowed: 77,
  config: 78,
} as const

export type ExitCode = number

/** 128 and the signal's number, as shells count. */
export const exitOfSignal = (signal: NodeJS.Signals): ExitCode => 128 + (SIGNAL_NUMBERS[signal] ?? 0)

const SIGNAL_NUMBERS: Partial<Record<NodeJS.Signals, number>> = {
  SIGHUP: 1,
  SIGINT: 2,
  SIGQUIT: 3,
  SIGABRT: 6,
  SIGKILL: 9,
  SIGSEGV: 11,
  SIGPIPE: 13,
  SIGTERM: 15,
}
