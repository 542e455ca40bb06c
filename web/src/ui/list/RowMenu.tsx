import { Menu } from '@mantine/core'
import { useId, useRef, useState } from 'react'
import { t } from '@/strings'
import classes from './Row.module.css'

// Where the menu of a row points to. It takes none of what Menu.Target says of a
// target: that is said of the button.
const Anchor = ({ ref }: { ref?: React.Ref<HTMLSpanElement> }) => <span ref={ref} className={classes.anchor} />

/**
 * The … at the end of a row: Menu.Item elements, made once they are asked for. A
 * row that nobody opens has a plain button, not a menu that is not open.
 */
export function RowMenu({ name, items }: { name?: string; items: () => React.ReactNode }) {
  const [state, become] = useState<'unasked' | 'open' | 'closed'>('unasked')
  const button = useRef<HTMLButtonElement>(null)
  const pressed = useRef(false) // while it was open: the press has closed it already
  const id = useId()
  const opened = state === 'open'
  return (
    <>
      <button
        ref={button}
        type="button"
        id={`${id}-target`}
        className={classes.dots}
        aria-label={t.list.rowActions(name)}
        aria-haspopup="menu"
        aria-expanded={opened}
        onPointerDown={() => {
          pressed.current = opened
        }}
        onClick={(e) => {
          e.stopPropagation()
          become(pressed.current ? 'closed' : 'open')
          pressed.current = false
        }}
      >
        ···
      </button>
      {state !== 'unasked' && (
        <Menu
          id={id}
          position="bottom-end"
          withinPortal
          returnFocus={false}
          opened={opened}
          onChange={(on) => {
            become(on ? 'open' : 'closed')
          }}
          onClose={() => {
            // Back to where it was opened, unless something else has been gone to.
            const at = document.activeElement
            if (!at || at === document.body || at.closest('[role="menu"]')) button.current?.focus({ preventScroll: true })
          }}
        >
          <Menu.Target>
            <Anchor />
          </Menu.Target>
          <Menu.Dropdown
            onClick={(e) => {
              e.stopPropagation()
            }}
          >
            {items()}
          </Menu.Dropdown>
        </Menu>
      )}
    </>
  )
}
