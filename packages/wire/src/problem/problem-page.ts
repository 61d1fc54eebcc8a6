import { REFUSALS, type RefusalCode } from '@pebbles/core'
import { problemType } from './problem.ts'
import { PROBLEMS } from './problem-codes.ts'

/** How a page fits into the server that serves it. */
export interface PageOptions {
  /** Where the stylesheet is: the page has no style and no script of its own, so that a strict policy can hold. */
  readonly stylesheet: string
  /** As in the problems: what stands before `/errors/…`. */
  readonly typeBase?: string
}

/** The page of a code, as HTML: what it means, what to do, an example. */
export const problemPage = (code: RefusalCode, { stylesheet, typeBase = '' }: PageOptions): string => {
  const { status, title, cause, cure, example } = PROBLEMS[code]
  return htmlPage(
    `${code} · Pebbles`,
    stylesheet,
    `<p><a href="${escapeHtml(`${typeBase}/errors`)}">All codes</a></p>
<h1>${escapeHtml(title)}</h1>
<p><code>${code}</code> · HTTP ${status}</p>
<p>${inlineCode(REFUSALS[code])}.</p>
<h2>What it means</h2>
<p>${inlineCode(cause)}</p>
<h2>What to do</h2>
<p>${inlineCode(cure)}</p>
<h2>For example</h2>
<pre><code>${escapeHtml(example)}</code></pre>`,
  )
}

/** The page that leads to all others. */
export const problemIndexPage = ({ stylesheet, typeBase = '' }: PageOptions): string => {
  const rows = allCodes().map(
    (code) =>
      `<tr><td><a href="${escapeHtml(problemType(code, typeBase))}"><code>${code}</code></a></td><td>${PROBLEMS[code].status}</td><td>${inlineCode(REFUSALS[code])}</td></tr>`,
  )
  return htmlPage(
    'Errors · Pebbles',
    stylesheet,
    `<h1>Errors</h1>
<table>
<thead><tr><th>Code</th><th>Status</th><th>Meaning</th></tr></thead>
<tbody>
${rows.join('\n')}
</tbody>
</table>`,
  )
}

/** The reference of all codes, as Markdown. */
export const renderErrorsReference = (): string => {
  const index = allCodes().map(
    (code) => `| [${code}](#${code.toLowerCase()}) | ${PROBLEMS[code].status} | ${REFUSALS[code]} |`,
  )
  const sections = allCodes().map((code) => {
    const { status, cause, cure, example } = PROBLEMS[code]
    return `## ${code}

Status ${status}. ${REFUSALS[code]}.

${cause}

${cure}

\`\`\`text
${example}
\`\`\`
`
  })
  return `# Errors

Every answer that is not 2xx or 304 is a problem document (RFC 9457, \`application/problem+json\`). Compare its \`code\`;
texts may change. Its \`type\` leads to the page of the code on the server itself. \`error\` repeats \`detail\`, for older
clients. The dead letters of queues carry the same codes.

| code | status | meaning |
|---|---|---|
${index.join('\n')}

${sections.join('\n')}`
}

const allCodes = (): readonly RefusalCode[] =>
  (Object.keys(PROBLEMS) as RefusalCode[]).sort((a, b) => PROBLEMS[a].status - PROBLEMS[b].status)

/** A page of this server around a body that is HTML already. */
export const htmlPage = (title: string, stylesheet: string, body: string): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
<link rel="stylesheet" href="${escapeHtml(stylesheet)}">
</head>
<body>
<main>
${body}
</main>
</body>
</html>
`

const escapeHtml = (text: string): string =>
  text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;')

/** Escaped text in which backticks mark code. */
export const inlineCode = (text: string): string => escapeHtml(text).replace(/`([^`]*)`/g, '<code>$1</code>')
