import { TerraformError, formatDiagnostic } from '../../src/terraform/diagnostics'
import type { Diagnostic } from '../../src/terraform/events'

const denied: Diagnostic = {
  severity: 'error',
  summary: 'creating S3 Bucket (b): AccessDenied',
  detail: 'Ask for s3:CreateBucket.\n\nOr use another bucket.\n',
  address: 'aws_s3_bucket.store',
}

describe('formatDiagnostic', () => {
  it('names the resource and indents the detail, without trailing blanks', () => {
    expect(formatDiagnostic(denied)).toBe(
      'aws_s3_bucket.store: creating S3 Bucket (b): AccessDenied\n  Ask for s3:CreateBucket.\n\n  Or use another bucket.',
    )
  })

  it.each(['', '  \n'])('has one line where the detail is %j', (detail) => {
    expect(formatDiagnostic({ severity: 'error', summary: 'Invalid backend', detail })).toBe(
      'Invalid backend',
    )
  })
})

describe('TerraformError', () => {
  it('holds every error in order, and no warning', () => {
    const warning: Diagnostic = { severity: 'warning', summary: 'Deprecated', detail: 'Soon gone.' }
    const second: Diagnostic = { severity: 'error', summary: 'Second', detail: '' }
    const error = new TerraformError('apply', [denied, warning, second], 'noise on stderr', 1)
    expect(error.message).toBe(`terraform apply failed.\n${formatDiagnostic(denied)}\nSecond`)
    expect(error.diagnostics).toEqual([denied, warning, second])
  })

  it('names the input that leaves out what the organization denies', () => {
    const detail =
      'operation error S3: PutPublicAccessBlock, https response error StatusCode: 403, api error AccessDenied: explicit deny'
    const refused: Diagnostic = {
      severity: 'error',
      summary: 'creating S3 Bucket Public Access Block',
      detail,
    }
    const { message } = new TerraformError('apply', [refused], '', 1)
    expect(message).toMatch(/explicit deny\nWhere the organization .*set `public-access-block: false`\.$/)
    expect(new TerraformError('apply', [denied], '', 1).message).not.toContain('public-access-block')
  })

  it.each([
    ['\nError: Backend initialization required\n', 'Error: Backend initialization required'],
    [' \n', 'It ended with exit code 3 and said nothing.'],
  ])('shows stderr where the stream told no error: %j', (stderr, why) => {
    expect(new TerraformError('output', [], stderr, 3).message).toBe(`terraform output failed.\n${why}`)
  })
})
