import type { UseFormReturnType } from '@mantine/form'
import { isProblem } from '@/api/problem'
import { sentence } from './notify'

type Form<V> = Pick<UseFormReturnType<V>, 'getValues' | 'setFieldError'>

/**
 * Puts a server's errors at their fields and goes to the first; those that no
 * field takes are returned. fields says which field of the form a field of the
 * server's is, where the names differ; hashes[2] is of hashes.
 */
export function placeErrors<V extends object>(e: unknown, form: Form<V>, fields?: Record<string, keyof V & string>): string {
  if (!isProblem(e) || e.errors.length === 0) return sentence(e)
  const values = form.getValues()
  const placed = new Map<string, string[]>()
  const rest: string[] = []
  for (const { field, message } of e.errors) {
    const whole = field.replace(/\[\d+\].*$/, '')
    const name = [fields?.[field], fields?.[whole], field, whole].find((n) => n !== undefined && n in values)
    const list = name === undefined ? rest : (placed.get(name) ?? [])
    if (name !== undefined) placed.set(name, list)
    const said = name === undefined && message !== e.message ? `${field}: ${message}` : message
    if (!list.includes(said)) list.push(said)
  }
  for (const [name, list] of placed) form.setFieldError(name as Parameters<typeof form.setFieldError>[0], list.join(' '))
  if (placed.size > 0) focusFirst()
  return rest.join(' ')
}

const enterable = 'input:not([type=hidden]), textarea, select, button'

/** Goes to the first field with an error, of the dialog in front if there is one. */
export function focusFirst() {
  // Two frames: the errors have to be on the page before they can be found.
  requestAnimationFrame(() =>
    requestAnimationFrame(() => {
      const all = document.querySelectorAll<HTMLElement>('[role=dialog]')
      const wrong = (all[all.length - 1] ?? document).querySelector<HTMLElement>('[aria-invalid=true], .mantine-InputWrapper-error')
      const field = wrong?.matches(enterable) ? wrong : (wrong?.closest('.mantine-InputWrapper-root') ?? wrong)?.querySelector<HTMLElement>(enterable)
      field?.focus()
    }),
  )
}
