/** A real public file, who reports it, what is broken in the copy that is imported, and how it ends. */
export interface DataSet {
  readonly file: string
  readonly client: string
  /** How long its import takes at a watchable pace. */
  readonly seconds: number
  /** Every n-th row is broken; 0: none. */
  readonly breakEvery: number
  /** The column whose value is spoilt, and what then stands there; without it, rows lose their last cell. */
  readonly spoil?: { readonly column: string; readonly value: string }
  /** In percent. */
  readonly failAbove?: number
  /** Stops after this share of the rows. */
  readonly cancelAfter?: number
}

/** Files of the package vega-datasets (https://github.com/vega/vega-datasets), rows from 344 to 42,049. */
export const DATA_SETS: readonly DataSet[] = [
  {
    file: 'seattle-weather.csv',
    client: 'krn:demo:client:weather',
    seconds: 22,
    breakEvery: 211,
    spoil: { column: 'date', value: '2012-02-30' },
  },
  {
    file: 'seattle-weather-hourly-normals.csv',
    client: 'krn:demo:client:weather',
    seconds: 40,
    breakEvery: 0,
  },
  {
    file: 'airports.csv',
    client: 'krn:demo:client:aviation',
    seconds: 30,
    breakEvery: 97,
    spoil: { column: 'latitude', value: "47°27'N" },
  },
  { file: 'birdstrikes.csv', client: 'krn:demo:client:aviation', seconds: 50, breakEvery: 333 },
  {
    file: 'flights-5k.json',
    client: 'krn:demo:client:aviation',
    seconds: 35,
    breakEvery: 401,
    spoil: { column: 'delay', value: 'late' },
  },
  {
    file: 'movies.json',
    client: 'krn:demo:client:cinema',
    seconds: 45,
    breakEvery: 67,
    spoil: { column: 'Production Budget', value: '12,x' },
  },
  {
    file: 'sp500-2000.csv',
    client: 'krn:demo:client:markets',
    seconds: 38,
    breakEvery: 503,
    spoil: { column: 'close', value: '12,x' },
  },
  {
    file: 'penguins.json',
    client: 'krn:demo:client:research',
    seconds: 15,
    breakEvery: 12,
    spoil: { column: 'Body Mass (g)', value: 'heavy' },
    failAbove: 5,
  },
  { file: 'zipcodes.csv', client: 'krn:demo:client:census', seconds: 45, breakEvery: 997, cancelAfter: 0.6 },
]
