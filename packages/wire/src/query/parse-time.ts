const DATE_TIME = /^(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d):(\d\d)(\.\d{1,9})?([Zz]|[+ -]\d\d:\d\d)$/

/**
 * Reads an ISO 8601 date and time with a zone as ms since 1970; undefined when it is none, or no such day exists.
 * Digits beyond a millisecond are cut. A space for the sign is a `+` that was not percent-encoded.
 */
export const parseTime = (text: string): number | undefined => {
  const parts = DATE_TIME.exec(text)
  if (parts === null) return undefined
  const [, year, month, day, hour, minute, second, fraction = '', zone = ''] = parts
  const date = Date.UTC(Number(year), Number(month) - 1, Number(day))
  const inMonth = new Date(date)
  // A year below 100 would mean one of the last century here.
  if (
    inMonth.getUTCFullYear() !== Number(year) ||
    inMonth.getUTCMonth() !== Number(month) - 1 ||
    inMonth.getUTCDate() !== Number(day)
  )
    return undefined
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return undefined
  const offset = /^[Zz]$/.test(zone) ? 0 : Number(zone.slice(1, 3)) * 60 + Number(zone.slice(4))
  if (offset > 24 * 60 || Number(zone.slice(4)) > 59) return undefined
  const sign = zone.startsWith('-') ? -1 : 1
  const ms = Number(fraction.slice(1, 4).padEnd(3, '0'))
  return date + ((Number(hour) * 60 + Number(minute) - sign * offset) * 60 + Number(second)) * 1000 + ms
}
