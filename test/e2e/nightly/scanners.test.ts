import { spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { describeWith } from '../../support/peers'

const GOLDEN = path.resolve(__dirname, '..', '..', 'infra', 'golden')
const EXPORTS = readdirSync(GOLDEN)

/** What a scanner found or what is skipped, as `aws_s3_bucket.store CKV_AWS_18`. */
type Findings = readonly string[]

let directory: string

beforeAll(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'valohai-s3-scanners-'))
})

afterAll(() => rmSync(directory, { recursive: true, force: true }))

describeWith('checkov', (checkov) => {
  holds(/^\s*#\s*checkov:skip=(\w+):\S/, (folder) => {
    const report = scan(checkov, ['--directory', folder, '--framework', 'terraform', '--output', 'json'])
    const { results } = report as {
      results: { failed_checks: { resource: string; check_id: string }[]; passed_checks: unknown[] }
    }
    expect(results.passed_checks.length).toBeGreaterThan(10)
    return results.failed_checks.map(({ resource, check_id: id }) => `${resource} ${id}`)
  })
})

describeWith('trivy', (trivy) => {
  holds(/^\s*#\s*trivy:ignore:([\w-]+)\s+\S/, (folder) => {
    const report = scan(trivy, ['config', '--skip-check-update', '--quiet', '--format', 'json', folder])
    const { Results = [] } = report as {
      Results?: { Misconfigurations?: { ID: string; CauseMetadata: { Resource: string } }[] }[]
    }
    expect(Results.length).toBeGreaterThan(0)
    return Results.flatMap(({ Misconfigurations = [] }) =>
      Misconfigurations.map(({ ID, CauseMetadata }) => `${CauseMetadata.Resource} ${ID}`),
    )
  })
})

/** @param skip matches a line that skips a check with a reason, and captures its id */
function holds(skip: RegExp, findingsIn: (folder: string) => Findings): void {
  test.each(EXPORTS)('%s: nothing is found that is not skipped with its reason', (name) => {
    expect(findingsIn(path.join(GOLDEN, name))).toEqual([])
  })

  test.each(EXPORTS)('%s: no skip is idle', (name) => {
    const folder = path.join(directory, name)
    cpSync(path.join(GOLDEN, name), folder, { recursive: true })
    const main = path.join(folder, 'main.tf')
    const text = readFileSync(main, 'utf8')
    writeFileSync(main, text.replaceAll(/^\s*#\s*(checkov:skip=|trivy:ignore:).*\n/gm, ''))
    expect(sorted(findingsIn(folder))).toEqual(sorted(skipsIn(text, skip)))
  })
}

/** Trivy's skips stand above a resource, Checkov's inside. */
function skipsIn(text: string, skip: RegExp): Findings {
  const lines = text.split('\n')
  return lines.flatMap((line, at) => {
    const id = skip.exec(line)?.[1]
    if (id === undefined) return []
    const isInside = line.startsWith(' ')
    const candidates = isInside ? lines.slice(0, at).reverse() : lines.slice(at)
    const heading = candidates
      .map((one) => /^resource "(\w+)" "(\w+)"/.exec(one))
      .find((match) => match !== null)
    return [`${heading?.[1] ?? '?'}.${heading?.[2] ?? '?'} ${id}`]
  })
}

/** Each once: a scanner may name several places of one resource. */
function sorted(findings: Findings): Findings {
  return [...new Set(findings)].sort()
}

/** The scanner's report. Its exit code says only whether anything was found. */
function scan(program: string, args: readonly string[]): unknown {
  const { stdout, stderr } = spawnSync(program, args, { encoding: 'utf8', maxBuffer: 1 << 28 })
  if (!stdout.startsWith('{')) throw new Error(`${program} printed no report: ${stderr}`)
  return JSON.parse(stdout)
}
