import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { EXIT } from '../src/exit-codes.ts'
import { runPebbles } from './run-pebbles.ts'

const reference = await readFile(new URL('../../../docs/reference/cli.md', import.meta.url), 'utf8')
const help = async (...args: string[]): Promise<string> => (await runPebbles([...args, '--help'])).stdout
const commands = [...(await help()).matchAll(/^ {2}([a-z]+)(?= \[| {2,})/gm)].map(([, name = '']) => name)

describe('docs/reference/cli.md', () => {
  it('is about every command', () => {
    expect(commands).toEqual(expect.arrayContaining(['start', 'serve', 'list', 'import', 'demo', 'doctor']))
    for (const command of commands.filter((name) => name !== 'help')) expect(reference).toContain(`\`${command}`)
  })

  it.each(commands.filter((name) => name !== 'help'))('names every option of %s', async (command) => {
    const section = reference.split(/^## /m).find((part) => part.split('\n')[0]?.includes(`\`${command}\``)) ?? ''
    for (const [option] of (await help(command)).matchAll(/--[a-z-]+(?=[ ,])/g))
      if (option !== '--help') expect(section, `${option} of ${command}`).toContain(option)
  })

  it('has every exit code', () => {
    for (const code of Object.values(EXIT)) expect(reference).toMatch(new RegExp(`^\\| ${code} \\|`, 'm'))
  })
})
