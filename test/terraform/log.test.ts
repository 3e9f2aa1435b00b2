import { LogLines } from '../../src/terraform/log'

it('tells the log from what else is on stderr', () => {
  const log = new LogLines()
  const lines: readonly (readonly [string, boolean])[] = [
    ['2026-11-25T23:32:10.702Z [INFO]  Terraform version: 1.11.4', true],
    ['2026-11-25T23:32:10.702+0100 [TRACE] provider.terraform-provider-aws: HTTP Response Received:', true],
    ['  http.response.body=', true],
    ['  | <xml>', true],
    ['{"@level":"debug","@message":"a message"}', true],
    ['', false],
    ['Error: Failed to read state', false],
    ['  which is indented', false],
    ['2026-11-25T23:32:10.702Z [WARN]  another', true],
    ['Error: once more', false],
  ]
  for (const [line, expected] of lines) expect([line, log.has(line)]).toEqual([line, expected])
})
