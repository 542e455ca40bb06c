import { ActionIcon, Button, createTheme, Drawer, type MantineColorsTuple, Menu, Modal, Notification, Paper, Tooltip } from '@mantine/core'
import { t } from '@/strings'

// The header of a dialog is none of the page.
const attributes = { header: { role: 'none' } }
const closeButtonProps = { 'aria-label': t.common.close }

// Calm: warm grays, one accent (brass, as latchkeys are), ink for what is to be pressed.
const brass: MantineColorsTuple = ['#fdf6e9', '#f8e8cb', '#f1d196', '#eab95f', '#e4a536', '#d8920f', '#c07d0a', '#a0660a', '#875408', '#6b4206']
const gray: MantineColorsTuple = ['#fafaf9', '#f5f4f3', '#ebeae8', '#dddbd8', '#c4c1bd', '#a3a09b', '#6c6963', '#54514c', '#3b3936', '#24221f']
const dark: MantineColorsTuple = ['#e8e6e3', '#c4c1bc', '#a5a29c', '#75726d', '#42403d', '#33312f', '#272524', '#1b1a19', '#141312', '#0d0c0c']

export const theme = createTheme({
  primaryColor: 'brass',
  primaryShade: { light: 8, dark: 6 },
  colors: { brass, gray, dark },
  black: '#24221f',
  fontFamily: '-apple-system, BlinkMacSystemFont, "Segoe UI Variable Text", "Segoe UI", Inter, Roboto, Cantarell, "Noto Sans", system-ui, sans-serif',
  fontFamilyMonospace: 'ui-monospace, "SF Mono", "Cascadia Mono", Menlo, Consolas, "Liberation Mono", monospace',
  fontSizes: { xs: '0.75rem', sm: '0.8125rem', md: '0.875rem', lg: '1rem', xl: '1.25rem' },
  headings: {
    fontWeight: '600',
    sizes: { h1: { fontSize: '1.375rem', lineHeight: '1.3' }, h2: { fontSize: '1.0625rem', lineHeight: '1.4' }, h3: { fontSize: '0.9375rem', lineHeight: '1.4' } },
  },
  defaultRadius: 'md',
  radius: { xs: '3px', sm: '5px', md: '7px', lg: '10px', xl: '14px' },
  cursorType: 'pointer',
  respectReducedMotion: true,
  components: {
    Button: Button.extend({
      defaultProps: { size: 'sm' },
      // What is to be pressed is ink, unless it says another color.
      vars: (_, { color, variant = 'filled' }) => ({
        root: color === 'red' && variant === 'filled' ? { '--button-bg': 'var(--mantine-color-red-9)', '--button-hover': 'var(--mantine-color-red-8)' } : color || variant !== 'filled' ? {} : { '--button-bg': 'var(--lk-ink)', '--button-hover': 'var(--lk-ink-hover)', '--button-color': 'var(--lk-on-ink)' },
      }),
    }),
    ActionIcon: ActionIcon.extend({ defaultProps: { variant: 'subtle', color: 'gray' } }),
    Notification: Notification.extend({ defaultProps: { closeButtonProps } }),
    Paper: Paper.extend({ defaultProps: { radius: 'lg' } }),
    Tooltip: Tooltip.extend({ defaultProps: { openDelay: 400, withArrow: false, transitionProps: { duration: 80 } } }),
    // Within the page, and with nothing in it but items.
    Menu: Menu.extend({ defaultProps: { portalProps: { target: '#content' }, withInitialFocusPlaceholder: false, shadow: 'md', radius: 'lg', transitionProps: { duration: 80 } } }),
    Modal: Modal.extend({ defaultProps: { attributes, closeButtonProps, radius: 'lg', centered: true, padding: 'lg', transitionProps: { duration: 120 } } }),
    Drawer: Drawer.extend({ defaultProps: { attributes, closeButtonProps, position: 'right', padding: 'lg', size: 'md', transitionProps: { duration: 140 } } }),
  },
})
