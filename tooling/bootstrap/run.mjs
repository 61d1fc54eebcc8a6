// The way in: `node tooling/bootstrap/run.mjs <task> [arguments]`, on any Node from 20 on.
// Only the check of the version stands here. An older Node must be able to read this file to say what is missing, so
// whatever needs a newer one is imported behind the check.
const version = process.versions.node

if (Number(version.split('.')[0]) >= 20) {
  import('./run-task.mjs').then(({ runTask }) => runTask(process.argv.slice(2)))
} else {
  process.stderr.write(
    `Pebbles starts from Node 20 or newer, and this is Node ${version}: install a newer one (https://nodejs.org), the rest comes by itself.\n`,
  )
  process.exitCode = 1
}
