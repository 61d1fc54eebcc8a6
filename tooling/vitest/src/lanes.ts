export interface Lane {
  readonly name: string
  /** Which files it runs, by the end of their names. */
  readonly files: string
  /** What longer suffixes take out of `files`. */
  readonly except: readonly string[]
  /**
   * So many files run side by side; null leaves it to the number of processors. Each has processes and servers of its
   * own: more would starve each other, and two wait for theirs most of the time.
   */
  readonly atOnce: number | null
  /** Files share threads and the modules they import: to load them anew for each would take half the time of all. */
  readonly shared: boolean
  readonly testTimeout: number
  readonly hookTimeout: number
  /** What has not ended by then is hanging. Several times what a slow machine takes. */
  readonly limitMinutes: number
}

/** Every test file is in the lane that its name ends in, wherever it lies, so none can be forgotten. In order of running. */
export const LANES: readonly Lane[] = [
  {
    name: 'unit',
    files: '**/*.test.ts',
    except: ['**/*.{sim,int,e2e,alone}.test.ts'],
    atOnce: null,
    shared: true,
    testTimeout: 10_000,
    hookTimeout: 10_000,
    limitMinutes: 10,
  },
  {
    name: 'simulation',
    files: '**/*.sim.test.ts',
    except: [],
    atOnce: null,
    shared: false,
    testTimeout: 300_000,
    hookTimeout: 10_000,
    limitMinutes: 10,
  },
  {
    name: 'int',
    files: '**/*.int.test.ts',
    except: [],
    atOnce: 2,
    shared: false,
    testTimeout: 60_000,
    hookTimeout: 120_000,
    limitMinutes: 45,
  },
  {
    name: 'e2e',
    files: '**/*.e2e.test.ts',
    except: [],
    atOnce: 2,
    shared: false,
    testTimeout: 120_000,
    hookTimeout: 180_000,
    limitMinutes: 40,
  },
  {
    name: 'alone',
    files: '**/*.alone.test.ts',
    except: [],
    atOnce: 1,
    shared: false,
    testTimeout: 120_000,
    hookTimeout: 180_000,
    limitMinutes: 20,
  },
]
