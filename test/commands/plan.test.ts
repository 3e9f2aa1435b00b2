import { COMMANDS, type Door } from '../../src/commands'
import { run } from '../../src/commands/plan'
import { parseRequest } from '../../src/config'
import { runForReal } from '../../src/run/real-world'
import { source } from '../config/source'
import { planned } from '../github/samples'

jest.mock('../../src/run/real-world', () => ({ runForReal: jest.fn() }))

const door = (keepDirectory: boolean): Door => ({
  reporter: {
    step: (_, work) => work(),
    info: jest.fn(),
    debug: jest.fn(),
    warning: jest.fn(),
    mask: jest.fn(),
  },
  surroundings: () => ({ keepDirectory }) as ReturnType<Door['surroundings']>,
})

const plan = (inputs: Readonly<Record<string, string>>, changes: boolean, keepDirectory = false) => {
  jest.mocked(runForReal).mockResolvedValue({ ...planned, changes })
  const given = { command: 'plan', bucket: 'my-valohai-bucket', region: 'eu-west-1', ...inputs }
  return run(parseRequest(source(given), COMMANDS), door(keepDirectory))
}

it.each([
  ['true', true, 2],
  ['true', false, 0],
  ['false', true, 0],
])('with detailed-exitcode %s and changes %s it exits with %i', async (detailed, changes, exitCode) => {
  expect((await plan({ 'detailed-exitcode': detailed }, changes)).exitCode).toBe(exitCode)
})

it('names the directory of the Terraform files where it is still there', async () => {
  const named = async (inputs: Readonly<Record<string, string>>, keepDirectory: boolean) =>
    'terraform-dir' in (await plan(inputs, true, keepDirectory)).outputs
  expect(await named({}, true)).toBe(true)
  expect(await named({}, false)).toBe(false)
  expect(await named({ 'output-dir': 'kept' }, false)).toBe(true)
})
