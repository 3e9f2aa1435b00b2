import { COMMANDS } from '../../src/commands'
import { INPUT_NAMES, INPUTS, InvalidInput, parseRequest, secretsIn, withoutValues } from '../../src/config'
import { FIRST, source, TOKEN } from './source'

const PASSWORD = 'Hunter2Hunter2'

/** Texts that have a secret in them, whichever input they are given for. */
const HOLDERS: Readonly<Record<string, (secret: string) => string>> = {
  'a URL with a password': (secret) => `postgres://user:${secret}@db.example.com/state?sslmode=disable`,
  'a URL with an escaped password': (secret) => `https://user:${secret}%40x@example.com/`,
  'a URL with a token for a user': (secret) => `https://${secret}${secret}@example.com/acme`,
  'a setting': (secret) => `password=${secret}`,
  'a header': (secret) => `Bearer ${secret}`,
  'several lines': (secret) => `a=b\nhttps://user:${secret}@example.com\n*`,
  'a token of GitHub': (secret) => `ghp_${secret}${secret}`,
  'something like an access key': (secret) => `${secret}${secret}${secret}`,
}

const cases = INPUT_NAMES.flatMap((name) =>
  Object.entries(HOLDERS).map(([what, hold]) => [name, what, hold(PASSWORD)] as const),
)

/** What a run with these inputs says before it begins; empty where it would begin. */
function refusal(
  inputs: Readonly<Record<string, string>>,
  environment: Readonly<Record<string, string>> = {},
): string {
  try {
    parseRequest(source({ ...FIRST, ...inputs }, environment), COMMANDS)
    return ''
  } catch (error) {
    if (error instanceof InvalidInput) return error.message
    throw error
  }
}

const shows = (text: string, secret: string): boolean =>
  text
    .toLowerCase()
    .replaceAll(/[^a-z0-9]/g, '')
    .includes(secret.toLowerCase().slice(0, 8))

it.each(cases)('%s shows no part of %s', (name, _what, value) => {
  for (const { name: command } of COMMANDS) {
    const inputs = { command, [name]: value }
    expect(shows(refusal(inputs), PASSWORD)).toBe(false)
    // The same beside an input that is wrong with it, and from the environment.
    expect(shows(refusal({ ...inputs, layout: 'module', backend: 'gcs' }), PASSWORD)).toBe(false)
  }
  for (const variable of INPUTS[name].environment ?? [])
    expect(shows(refusal({ [name]: '' }, { [variable]: value }), PASSWORD)).toBe(false)
})

it.each(INPUT_NAMES)('%s shows nothing of a token that belongs elsewhere', (name) => {
  for (const text of [TOKEN, ` ${TOKEN}*`, `${TOKEN}\u0007`, `x=${TOKEN}`])
    expect(shows(refusal({ [name]: text }, { VALOHAI_TOKEN: TOKEN }), TOKEN)).toBe(false)
})

describe('a command line', () => {
  const words = (name: string): readonly (readonly string[])[] => [
    [`--${name}`, PASSWORD],
    [`--${name}=${PASSWORD}`],
    [`--${name.slice(0, -1)}=${PASSWORD}`],
    [`--${name} ${PASSWORD}`],
    [`-${name[0] ?? ''}${PASSWORD}`],
    [PASSWORD],
    [`--${name}`, PASSWORD, `--${name}`, PASSWORD],
  ]

  it.each(INPUT_NAMES)('with %s, right or misspelled, is told of without its values', (name) => {
    for (const line of words(name)) {
      for (const word of line) {
        // What a parser of command lines quotes: a word, or the value in it.
        for (const quoted of [word, word.slice(word.indexOf('=') + 1)]) {
          const told = withoutValues(`error: unknown option '${quoted}' (Did you mean --region?)`, line)
          expect(told).not.toContain(PASSWORD)
          expect(told).toContain('(Did you mean --region?)')
        }
      }
    }
  })

  it('keeps the names of options', () => {
    expect(withoutValues("error: unknown option '--valohai-tokn=x'", ['--valohai-tokn=x'])).toBe(
      "error: unknown option '--valohai-tokn'",
    )
    expect(withoutValues("error: unknown command 'aply'", ['aply'])).toBe("error: unknown command '…'")
  })
})

it('knows the secrets of an environment by their names', () => {
  const environment = {
    AWS_ACCESS_KEY_ID: 'AKIAEXAMPLE',
    AWS_SECRET_ACCESS_KEY: 'a secret key',
    AWS_SESSION_TOKEN: 'a session token',
    AWS_WEB_IDENTITY_TOKEN_FILE: '/var/run/token',
    PGPASSWORD: 'a password',
    PG_CONN_STR: 'postgres://user:a@b',
    TF_TOKEN_app_terraform_io: 'a token of HCP',
    USE_TOKEN: 'true',
    PATH: '/usr/bin:/bin',
  }
  expect(secretsIn(environment)).toEqual([
    'a secret key',
    'a session token',
    'a password',
    'postgres://user:a@b',
    'a token of HCP',
  ])
})
