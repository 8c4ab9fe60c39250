// The theme switch. The choice is kept in the cookie "theme" (light, dark, or
// no cookie: as the system), so that the server draws the page in it at once.

const YEAR = 31536000;

export function themeSwitch() {
  return {
    change(event) {
      const theme = event.target.value;
      const secure = location.protocol === "https:" ? "; Secure" : "";
      if (theme === "light" || theme === "dark") {
        document.documentElement.dataset.theme = theme;
        document.cookie = `theme=${theme}; Path=/; Max-Age=${YEAR}; SameSite=Lax${secure}`;
        return;
      }
      delete document.documentElement.dataset.theme;
      document.cookie = `theme=; Path=/; Max-Age=0; SameSite=Lax${secure}`;
    },
  };
}
