/** What somebody sees whose browser the console does not know. */
export function Door() {
  return (
    <main class="door">
      <h1>This console does not know your browser</h1>
      <p>
        The link that it printed opens it in one browser, once. In that browser any tab will do; a console
        that was started again has another link.
      </p>
      <p>
        For another link, start one more console: <code>npm run noteferry -- console</code>, for the stack
        that <code>npm start</code> runs with <code>--local</code>.
      </p>
    </main>
  );
}
