import type { Clock } from '@pebbles/core'
import type { Intake } from '@pebbles/intake'
import type { ComponentState, Logger } from '@pebbles/runtime'
import { createBackoff, createPauses } from './backoff.ts'
import { createHand } from './hand.ts'
import { createLine } from './line.ts'
import type { QueueClient } from './queue-client.ts'
import { createQueueHealth } from './queue-health.ts'
import { createReceipts } from './receipts.ts'
import { queueName, type Received, toReceived } from './sqs-message.ts'

export interface PollQueueDeps {
  readonly client: QueueClient
  readonly queueUrl: string
  readonly intake: Pick<Intake, 'handle' | 'gate'>
  readonly clock: Clock
  readonly log: Pick<Logger, 'info' | 'warn' | 'error'>
  readonly maxPolls?: number
  readonly waitSeconds?: number
  /** How long a message is hidden from others at a time; renewed while it is worked on. */
  readonly visibilitySeconds?: number
  /** How long a stop may take; polls are waited for no longer than a part of it. */
  readonly stopWithinMs: number
  /** Told of what came; and, with null, that nothing came and nothing is in hand. */
  readonly onReceived?: (facts: { readonly messages: number; readonly oldestSentAt: number } | null) => void
  readonly onDeleteFailed?: (messages: number) => void
}

export interface QueuePoller {
  /** Whether the queue answers. */
  readonly state: () => Promise<ComponentState>
  /** Takes no more, finishes what is in hand, and gives back what cannot be finished. May be called twice. */
  readonly stop: () => Promise<void>
}

/** What a queue is asked for at once, at most. */
const MAX_POLLS = 48
const FULL = 10
const DELETE_WAIT_MS = 200
/** A poll that has not returned so long after its wait was over never will. */
const POLL_GRACE_MS = 500
/** Of a stop's time: the rest is for what the last of them brought. */
const POLLS_SHARE = 0.55

/**
 * Several long polls in flight, which go on to receive while what they brought is settled and deleted, as long as not
 * too much is in hand. One poll waits on an idle queue; each full one calls another to help.
 */
export const pollQueue = (deps: PollQueueDeps): QueuePoller => {
  const { client, queueUrl, intake, clock, log, stopWithinMs, onReceived, onDeleteFailed } = deps
  const { maxPolls = MAX_POLLS, waitSeconds = 5, visibilitySeconds = 30 } = deps
  const name = queueName(queueUrl)
  const health = createQueueHealth(name, deps)
  const pauses = createPauses(clock)
  const receipts = createReceipts({ client, queueUrl, health, pauses, clock, log, onDeleteFailed })
  const hand = createHand(clock, () => health.needless('keep hidden'))
  const pollers = new Set<Promise<void>>()
  /** Those that go on; one always does. */
  let polling = 0
  const line = createLine()
  let stopping = false

  const start = (): void => {
    if (stopping || polling >= maxPolls) return
    polling += 1
    const poller: Promise<void> = poll().finally(() => pollers.delete(poller))
    pollers.add(poller)
  }

  /** Decided and counted in one step: of several that fail at once the last must stay. */
  const isNeedless = (): boolean => {
    if (polling === 1) return false
    polling -= 1
    return true
  }

  const poll = async (): Promise<void> => {
    const backoff = createBackoff(clock)
    while (!stopping) {
      await intake.gate.passable()
      const giveBack = await hand.room()
      try {
        if (stopping) return
        // What cannot be deleted comes again and again; who is done with it keeps trying.
        if (health.isFailing('delete')) {
          await pauses.pause(DELETE_WAIT_MS)
          continue
        }
        const found = await receive()
        backoff.reset()
        if (found === FULL) start()
        // One is enough to wait on an empty queue.
        if (found === 0 && isNeedless()) return
      } catch (error) {
        if (stopping) return
        health.failed('receive', error)
        if (isNeedless()) return
        await pauses.pause(backoff.next())
      } finally {
        giveBack()
      }
    }
  }

  /** By itself, as a loop that waits for room would keep what it received last from being forgotten. */
  const receive = async (): Promise<number> => {
    const now = clock.now()
    // The first asks only whether the queue is there.
    const wait = health.hasAnswered() ? waitSeconds : 0
    const raw = await line.wait(client.receive(queueUrl, wait, visibilitySeconds))
    health.answered('receive')
    const received = raw.map((message) => toReceived(message, name, now))
    if (received.length === 0) {
      if (hand.isEmpty()) onReceived?.(null)
      return 0
    }
    onReceived?.({
      messages: received.length,
      oldestSentAt: Math.min(...received.map(({ message }) => message.sentAt)),
    })
    hand.hold(received, work(received).catch(bug))
    return received.length
  }

  const work = async (received: readonly Received[]): Promise<void> => {
    const inHand = new Set(received)
    const hiding = setInterval(() => void receipts.hide(inHand, visibilitySeconds), (visibilitySeconds * 1_000) / 3)
    try {
      let left = received
      // What is away stays in hand: to give it back would use up one of its receives for nothing.
      while (left.length > 0) {
        const settled = await intake.handle(left.map(({ message }) => message))
        // Sure is sure, in a FIFO group behind one that is not, too: its effect is there, and looked at again it would be a second letter.
        const done = left.filter((_, index) => settled[index] !== 'away')
        await receipts.remove(done)
        for (const one of done) inHand.delete(one)
        left = left.filter((one) => inHand.has(one))
        if (left.length === 0) break
        await intake.gate.passable()
        if (stopping) {
          await receipts.giveBack(left)
          break
        }
      }
    } finally {
      clearInterval(hiding)
    }
  }

  const bug = (err: unknown): void => log.error({ err }, 'a bug: messages in hand are let go, and come again')

  start()
  return {
    state: async () => health.state(),
    stop: async () => {
      stopping = true
      intake.gate.stop()
      pauses.end()
      hand.close()
      // What a poll brings after that is hidden for a while, and comes again.
      const hangUp = setTimeout(line.hangUp, Math.min(waitSeconds * 1_000 + POLL_GRACE_MS, stopWithinMs * POLLS_SHARE))
      await Promise.all(pollers)
      clearTimeout(hangUp)
      await hand.emptied()
    },
  }
}
