export interface Lane {
  readonly name: string
  /** Which files it runs, by the end of their names. */
  readonly files: string
  /** What longer suffixes take out of `files`. */
  readonly except: readonly string[]
  /** One file after the other: each has processes and servers of its own, which would starve each other. */
  readonly serial: boolean
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
    except: ['**/*.{sim,int,e2e}.test.ts'],
    serial: false,
    shared: true,
    testTimeout: 10_000,
    hookTimeout: 10_000,
    limitMinutes: 10,
  },
  {
    name: 'simulation',
    files: '**/*.sim.test.ts',
    except: [],
    serial: false,
    shared: false,
    testTimeout: 300_000,
    hookTimeout: 10_000,
    limitMinutes: 10,
  },
  {
    name: 'int',
    files: '**/*.int.test.ts',
    except: [],
    serial: true,
    shared: false,
    testTimeout: 60_000,
    hookTimeout: 120_000,
    limitMinutes: 45,
  },
  {
    name: 'e2e',
    files: '**/*.e2e.test.ts',
    except: [],
    serial: true,
    shared: false,
    testTimeout: 120_000,
    hookTimeout: 180_000,
    limitMinutes: 40,
  },
]
