import { type ClientKrn, parseClientKrn } from '@pebbles/core'

export const LEGACY = parseClientKrn('krn:default:client:001') as ClientKrn
