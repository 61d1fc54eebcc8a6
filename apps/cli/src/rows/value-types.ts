/** A decimal number with a point, as programs write it. */
export const isNumber = (text: string): boolean => /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?$/.test(text)

export const isInteger = (text: string): boolean => /^[+-]?\d+$/.test(text)

/** A day that the calendar has, alone or with a time: `2012-01-31`, `2012/1/31`, `1/31/2012`, `Jan 31 2012`, ISO 8601. */
export const isDate = (text: string): boolean => {
  const yearFirst = /^(\d{4})([-/])(\d{1,2})\2(\d{1,2})(.*)$/.exec(text)
  if (yearFirst !== null) return isDay(yearFirst[1], yearFirst[3], yearFirst[4]) && isTime(yearFirst[5])
  const yearLast = /^(\d{1,2})([-/.])(\d{1,2})\2(\d{4})(.*)$/.exec(text)
  if (yearLast !== null) {
    const [, first, , second, year, time] = yearLast
    return (isDay(year, first, second) || isDay(year, second, first)) && isTime(time)
  }
  const named = /^(?:([A-Za-z]{3,9})\.? (\d{1,2}),?|(\d{1,2}) ([A-Za-z]{3,9})\.?) (\d{4})(.*)$/.exec(text)
  if (named === null) return false
  const month = MONTHS.indexOf((named[1] ?? named[4] ?? '').slice(0, 3).toLowerCase()) + 1
  return isDay(named[5], String(month), named[2] ?? named[3]) && isTime(named[6])
}

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']

const isDay = (year = '', month = '', day = ''): boolean => {
  const [y, m, d] = [Number(year), Number(month), Number(day)]
  if (m < 1 || m > 12 || d < 1) return false
  const leap = (y % 4 === 0 && y % 100 !== 0) || y % 400 === 0
  return d <= (m === 2 ? (leap ? 29 : 28) : [4, 6, 9, 11].includes(m) ? 30 : 31)
}

const isTime = (text = ''): boolean =>
  text === '' ||
  /^(?:T| )(?:[01]?\d|2[0-3]):[0-5]\d(?::(?:[0-5]\d|60)(?:[.,]\d{1,9})?)?(?: ?[AaPp][Mm])?(?:Z|[+-]\d\d:?\d\d)?$/.test(
    text,
  )
