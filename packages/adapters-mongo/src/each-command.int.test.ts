import { anUpdate, client, fileName, useCases, word } from '@pebbles/core/testing'
import { type MongoNode, orSkip, startMongo } from '@pebbles/services'
import { afterAll, describe, expect, it } from 'vitest'
import { type BenchSubject, createBench } from '../test/bench.ts'
import { expectWhole, type Whole } from '../test/expect-whole.ts'
import { SCENES, type Scene } from '../test/fault-scenes.ts'
import { type Fault, type FaultedProcess, startFaulted } from '../test/faulted-process.ts'

const mongo = await orSkip(startMongo({ topology: 'replica-set', faults: true }))
const bench = mongo === null ? null : createBench(mongo)
/** Those that were killed are away from their server, and take their time to end. */
const killed: Promise<void>[] = []
afterAll(async () => {
  await Promise.all(killed)
  await bench?.stop()
})

type Meets = { readonly fault: Fault; readonly at: number } | null

/** Of long ones each command meets one of the two after which nothing was done, and all of the others. */
const LONG = 12
const faultsAt = (at: number, length: number, reads = false): readonly Fault[] => {
  if (reads) return ['answer lost']
  const undone = ['lost', at % 4 < 2 ? 10_107 : 91] as const
  return [...(length <= LONG ? undone : [undone[at % 2] as Fault]), 'answer lost', 'killed']
}

describe.skipIf(bench === null)('whichever of its commands goes wrong, it is done once and answered as it is', () => {
  it.each(SCENES)('$title', { timeout: 300_000 }, async (scene) => {
    const undisturbed = await play(scene, null)
    let at = 1
    // Until one comes to its end before: what waits for its time sends now more, now less.
    for (let met = true; met; at += met ? 1 : 0)
      for (const fault of faultsAt(at, undisturbed.length, scene.reads))
        met &&= (await play(scene, { fault, at })).length >= at
    expect(at).toBeGreaterThan(undisturbed.length / 2)
  })
})

/** Asks for it twice, of a process that meets the fault; what it sent for the first time. */
const play = async (scene: Scene, meets: Meets): Promise<readonly string[]> => {
  const node = (await mongo?.primary()) as MongoNode
  await using test = await (bench as NonNullable<typeof bench>).subject()
  await scene.prepare?.(test)
  const faulted = await startFaulted(test, node, meets)
  try {
    const answers = await faulted.ask(scene)
    for (const answer of answers)
      expect(meets === null ? [scene.first] : ['unavailable', scene.first]).toContain(answer)
    await goOn(test, node, scene, answers, faulted)
    return faulted.commands
  } catch (error) {
    throw new Error(`${JSON.stringify(meets)}, after ${faulted.commands.join()}`, { cause: error })
  } finally {
    if (faulted.killed()) killed.push(faulted.close())
    else await faulted.close()
  }
}

const goOn = async (
  test: BenchSubject,
  node: MongoNode,
  scene: Scene,
  answers: readonly string[],
  faulted: FaultedProcess,
): Promise<void> => {
  // What was answered every process sees at once.
  if (!answers.includes('unavailable')) await check(test, scene, scene.whole)
  // On its defaults a server keeps for a minute what a killed process had begun.
  if (faulted.killed()) await node.command({ killAllSessions: [] })
  const repeats = faulted.killed() ? await scene.ask(test.store, test.clock) : await faulted.ask(scene)
  for (const [index, repeat] of repeats.entries())
    expect(answers[index] === scene.first ? [scene.again] : [scene.first, scene.again]).toContain(repeat)

  const after = await writeOn(scene.whole, [test.store, ...(faulted.killed() ? [] : [faulted.store])], test)
  await check(test, scene, after)
  await test.store.sweep()
  expect(await test.store.sweep()).toMatchObject({ healed: 0 })
  await check(test, scene, after)
}

/** Each process goes on from what stands, also where it remembered something else. */
const writeOn = async (
  whole: Whole | null,
  stores: readonly FaultedProcess['store'][],
  { clock }: BenchSubject,
): Promise<Whole> => {
  let { done, errors = [], ...rest } = whole ?? { done: 0 }
  let stands = whole !== null
  for (const [index, store] of stores.entries()) {
    const facts = { client: rest.of ?? client(), id: `on${index}`, done: 1_000_000, errors: [`later ${index} is bad`] }
    const [answer] = (await useCases({ store, clock }).record([anUpdate(facts)])).map(word)
    expect(answer).toBe(rest.completed ? 'PROGRESS_COMPLETED' : stands ? 'updated' : 'created')
    stands = true
    if (answer === 'PROGRESS_COMPLETED') continue
    done += facts.done
    errors = [...errors, ...facts.errors]
  }
  return { ...rest, done, errors }
}

const check = async (test: BenchSubject, { also }: Scene, whole: Whole | null): Promise<void> => {
  if (whole === null) expect(await useCases(test).read.get(client(), fileName())).toBeNull()
  else await expectWhole(test, whole)
  await also?.(test)
}
