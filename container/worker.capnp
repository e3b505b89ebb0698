# The built Worker as workerd serves it in the container: its settings, the network that it may reach, and one socket.

using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [
    (name = "user", worker = .user),
    (name = "internet", network = .internet),
    # Only the Worker asks it, for files that it names. The path is relative to the folder in which serve.sh starts.
    (name = "public", disk = "../public"),
  ],
  # serve.sh gives the address.
  sockets = [(name = "http", service = "user", http = ())],
);

const user :Workerd.Worker = (
  modules = [(name = "index.js", esModule = embed "../dist/index.js")],
  # The same as in wrangler.toml: a test compares them.
  compatibilityDate = "2026-11-01",
  # The Worker sees these variables and nothing else of the environment. An unset one is null.
  bindings = [
    (name = "ASSETS", service = "public"),
    (name = "DATABASE_URL", fromEnvironment = "DATABASE_URL"),
    (name = "NEON_PROXY_URL", fromEnvironment = "NEON_PROXY_URL"),
    (name = "DATABASE_TIMEOUT_SECONDS", fromEnvironment = "DATABASE_TIMEOUT_SECONDS"),
    (name = "ACCESS_TOKEN_KEY", fromEnvironment = "ACCESS_TOKEN_KEY"),
    (name = "REFRESH_TOKEN_KEY", fromEnvironment = "REFRESH_TOKEN_KEY"),
    (name = "ACCESS_TOKEN_SECONDS", fromEnvironment = "ACCESS_TOKEN_SECONDS"),
    (name = "REFRESH_TOKEN_SECONDS", fromEnvironment = "REFRESH_TOKEN_SECONDS"),
    (name = "REFRESH_ROTATION", fromEnvironment = "REFRESH_ROTATION"),
    (name = "REFRESH_GRACE_SECONDS", fromEnvironment = "REFRESH_GRACE_SECONDS"),
    (name = "SESSION_SECONDS", fromEnvironment = "SESSION_SECONDS"),
    (name = "TOKEN_ISSUER", fromEnvironment = "TOKEN_ISSUER"),
    (name = "TOKEN_AUDIENCE", fromEnvironment = "TOKEN_AUDIENCE"),
    (name = "MAIL_FROM", fromEnvironment = "MAIL_FROM"),
    (name = "MAIL_LINK", fromEnvironment = "MAIL_LINK"),
    (name = "MAIL_PROOF_SECONDS", fromEnvironment = "MAIL_PROOF_SECONDS"),
    (name = "EMAIL_CHANGE", fromEnvironment = "EMAIL_CHANGE"),
    (name = "PBKDF2_ITERATIONS", fromEnvironment = "PBKDF2_ITERATIONS"),
    (name = "PBKDF2_LARGEST_ITERATIONS", fromEnvironment = "PBKDF2_LARGEST_ITERATIONS"),
    (name = "PWNED_PASSWORDS", fromEnvironment = "PWNED_PASSWORDS"),
    (name = "PWNED_PASSWORDS_URL", fromEnvironment = "PWNED_PASSWORDS_URL"),
    (name = "USERS_ACCESS", fromEnvironment = "USERS_ACCESS"),
    (name = "CORS_ORIGINS", fromEnvironment = "CORS_ORIGINS"),
    (name = "RATE_LIMITS", fromEnvironment = "RATE_LIMITS"),
    (name = "ADDRESS_HEADER", fromEnvironment = "ADDRESS_HEADER"),
    (name = "SENTRY_DSN", fromEnvironment = "SENTRY_DSN"),
    (name = "K_SERVICE", fromEnvironment = "K_SERVICE"),
    (name = "VERSION", fromEnvironment = "VERSION"),
    (name = "STAGE", fromEnvironment = "STAGE"),
  ],
);

const internet :Workerd.Network = (
  # The store or Sentry may be on a private network, and no caller names a host.
  allow = ["public", "private"],
  # Clouds hand out credentials at these addresses. The Worker never needs them, and no caller may ever reach them.
  deny = ["169.254.0.0/16", "100.100.100.200/32", "168.63.129.16/32", "192.0.0.192/32", "fe80::/10", "fd00:ec2::/32", "fd20:ce::/32"],
  # These are the system's certificate authorities, or those of the file that SSL_CERT_FILE names.
  tlsOptions = (trustBrowserCas = true),
);
