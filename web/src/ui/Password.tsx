import { PasswordInput, type PasswordInputProps } from '@mantine/core'

/** A field for a password. Mantine's own does not say that it is wrong. */
export function Password(props: PasswordInputProps) {
  return <PasswordInput {...props} aria-invalid={props.error ? true : undefined} />
}
