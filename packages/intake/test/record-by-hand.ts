import { createHash } from 'node:crypto'
import { type Email, parseClientKrn, parseEmail, type Recorder, type UpdateId } from '@pebbles/core'
import { callerId, canonicalUpdate, parseUpdateBody } from '@pebbles/wire'

/** A message whose unknown field tells it apart from its like. */
export interface DrivenMessage {
  readonly n: number
  readonly clientKrn?: unknown
  readonly email?: unknown
}

/** What HTTP makes of an update, in the order of its checks: `applied`, `duplicate`, or the code of its refusal. */
export const recordByHand = async (
  record: Recorder['record'],
  message: DrivenMessage,
  now: number,
): Promise<string> => {
  const client = parseClientKrn(message.clientKrn as string)
  const parsed = parseUpdateBody(message)
  const email = parseEmail(message.email)
  if (client === undefined) return 'INVALID_CLIENT_KRN'
  if (!parsed.ok) return 'INVALID_BODY'
  if (email === undefined) return 'NO_EMAIL'
  const { update } = parsed
  const id: UpdateId = update.updateId === null ? `inner:${message.n}` : callerId(update.updateId)
  const hash = createHash('sha256').update(canonicalUpdate(update)).digest('base64url')
  const [outcome] = await record([{ ...update, client, email: email as Email, id, hash, sentAt: now, channel: 'http' }])
  return outcome?.kind === 'refused' ? outcome.code : (outcome?.kind ?? 'nothing')
}
