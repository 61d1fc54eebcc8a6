import { expect, it } from 'vitest'
import { newClusterId } from './cluster-id.ts'

it('is never one that the tools of Kafka take for an option', () => {
  const drawn = ['fb000000-0000-4000-8000-000000000000', 'f8ffffff-ffff-4fff-bfff-ffffffffffff']
  const fits = '00010203-0405-4607-8809-0a0b0c0d0e0f'
  expect(newClusterId(() => drawn.pop() ?? fits)).toBe('AAECAwQFRgeICQoLDA0ODw')
  expect(drawn).toEqual([])
})
