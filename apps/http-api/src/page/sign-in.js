import { element, setAttribute, setShown, setText } from './elements.js'
import { tokenIn } from './session.js'

/**
 * Asks for a token. It is kept in this tab alone, and leaves it only in the Authorization header.
 * @param {{ title: string, text: string, onToken: (token: string) => void, onCancel?: () => void }} options
 */
export const signInPanel = ({ title, text, onToken, onCancel }) => {
  const input = element('input', {
    id: 'token',
    type: 'password',
    autocomplete: 'off',
    spellcheck: 'false',
    'aria-describedby': 'token-help token-error',
  })
  const error = element('p', { id: 'token-error', class: 'field-error', role: 'alert', hidden: true })
  const submit = element('button', { type: 'submit' }, 'Sign in')
  const actions = element('p', { class: 'actions' }, submit)
  if (onCancel !== undefined) {
    const cancel = element('button', { type: 'button', class: 'quiet' }, 'Cancel')
    cancel.addEventListener('click', onCancel)
    actions.append(cancel)
  }
  const form = element(
    'form',
    { class: 'notice' },
    element('h1', {}, title),
    element('p', { id: 'token-help' }, text),
    element('label', { for: 'token' }, 'Token'),
    input,
    error,
    actions,
  )
  form.addEventListener('submit', (event) => {
    event.preventDefault()
    const token = tokenIn(input.value)
    if (token !== null) return onToken(token)
    setText(
      error,
      input.value.trim() === '' ? 'Paste a token.' : 'That is not a token: it has characters that none has.',
    )
    setShown(error, true)
    setAttribute(input, 'aria-invalid', 'true')
    input.focus()
  })
  return { element: form, focus: () => input.focus() }
}
