//! Forms of providers' tokens, from their documentation and from what is commonly known of them.
//!
//! A form is a template of `noise`: its random parts are holes, so that no scanner takes this file
//! for a leak.

/// One provider's token.
pub(crate) struct Provider {
    pub(crate) name: &'static str,
    /// A template; the prefix alone where there is a checksum.
    pub(crate) form: &'static str,
    /// Whether 30 characters and a CRC-32 follow the prefix.
    pub(crate) checksum: bool,
    /// Whether the form alone tells.
    pub(crate) is_bare: bool,
    /// Names of fields and variables that hold it.
    pub(crate) keys: &'static [&'static str],
}

const fn form(name: &'static str, form: &'static str, keys: &'static [&'static str]) -> Provider {
    Provider {
        name,
        form,
        checksum: false,
        is_bare: true,
        keys,
    }
}

/// A token that has a checksum.
const fn crc(name: &'static str, form: &'static str, keys: &'static [&'static str]) -> Provider {
    Provider {
        name,
        form,
        checksum: true,
        is_bare: true,
        keys,
    }
}

/// A token that only its name tells.
const fn named(name: &'static str, form: &'static str, keys: &'static [&'static str]) -> Provider {
    Provider {
        name,
        form,
        checksum: false,
        is_bare: false,
        keys,
    }
}

/// All of them.
pub(crate) const PROVIDERS: &[Provider] = &[
    crc(
        "github personal",
        "ghp_",
        &["github token", "gh token", "github pat"],
    ),
    crc("github oauth", "gho_", &["github token", "gh oauth"]),
    crc("github user", "ghu_", &["github user token"]),
    crc(
        "github server",
        "ghs_",
        &["github app token", "github token"],
    ),
    crc("github refresh", "ghr_", &["github refresh token"]),
    form(
        "github fine",
        "github_pat_{w22}_{w59}",
        &["github token", "gh pat"],
    ),
    crc(
        "npm",
        "npm_",
        &["npm token", "npm auth token", "node auth token"],
    ),
    form(
        "gitlab personal",
        "glpat-{x20}",
        &["gitlab token", "ci token", "private token"],
    ),
    form("gitlab pipeline", "glptt-{h40}", &["gitlab trigger token"]),
    form("gitlab runner", "glrt-{x20}", &["runner token"]),
    form("gitlab deploy", "gldt-{x20}", &["deploy token"]),
    form("gitlab job", "glcbt-{n2}_{x20}", &["ci job token"]),
    form("gitlab feed", "glft-{x20}", &["feed token"]),
    form("gitlab agent", "glagent-{x50}", &["agent token"]),
    form("gitlab scim", "glsoat-{x20}", &["scim token"]),
    form(
        "aws key id",
        "AKIA{T16}",
        &["aws access key id", "access key id", "aws key"],
    ),
    form(
        "aws session id",
        "ASIA{T16}",
        &["aws access key id", "access key"],
    ),
    named(
        "aws secret",
        "{b40}",
        &["aws secret access key", "secret access key", "aws secret"],
    ),
    named(
        "aws session",
        "IQoJb3JpZ2luX2Vj{b300-500}",
        &["aws session token", "security token"],
    ),
    form("aws bedrock", "ABSK{b109}", &["bedrock api key"]),
    form(
        "google api",
        "AIza{x35}",
        &["google api key", "maps key", "firebase key", "gcp key"],
    ),
    form(
        "google oauth secret",
        "GOCSPX-{x28}",
        &["google client secret", "client secret"],
    ),
    form(
        "google access",
        "ya29.{x120}",
        &["google access token", "access token"],
    ),
    form(
        "google refresh",
        "1//0{x95}",
        &["google refresh token", "refresh token"],
    ),
    named(
        "azure storage",
        "{b86}==",
        &["account key", "azure storage key", "storage account key"],
    ),
    form(
        "azure client secret",
        "{w3}8Q~{x34}",
        &["azure client secret", "client secret"],
    ),
    form(
        "azure devops",
        "{w76}AZDO{w4}",
        &["azure devops token", "ado pat"],
    ),
    form(
        "slack bot",
        "xoxb-{i12}-{i12}-{w24}",
        &["slack token", "slack bot token"],
    ),
    form(
        "slack user",
        "xoxp-{i12}-{i12}-{i12}-{h32}",
        &["slack user token"],
    ),
    form(
        "slack app",
        "xapp-1-A{N10}-{i13}-{h64}",
        &["slack app token"],
    ),
    form(
        "slack config",
        "xoxe.xoxp-1-{w166}",
        &["slack config token"],
    ),
    form("slack refresh", "xoxe-1-{w147}", &["slack refresh token"]),
    form(
        "slack webhook",
        "https://hooks.slack.com/services/T{N10}/B{N10}/{w24}",
        &["slack webhook", "webhook url"],
    ),
    form(
        "discord webhook",
        "https://discord.com/api/webhooks/{i18}/{x68}",
        &["discord webhook", "webhook url"],
    ),
    form(
        "discord bot",
        "MT{w22}.G{x5}.{x38}",
        &["discord token", "bot token"],
    ),
    form(
        "teams webhook",
        "https://acme.webhook.office.com/webhookb2/{uuid}@{uuid}/IncomingWebhook/{h32}/{uuid}",
        &["teams webhook"],
    ),
    form(
        "telegram bot",
        "{i10}:AA{x33}",
        &["telegram token", "bot token", "telegram bot token"],
    ),
    form(
        "stripe secret",
        "sk_live_{w24}",
        &["stripe key", "stripe secret key", "payment key"],
    ),
    form("stripe long", "sk_live_51{w97}", &["stripe secret key"]),
    form("stripe test", "sk_test_{w24}", &["stripe key"]),
    form(
        "stripe restricted",
        "rk_live_{w24}",
        &["stripe restricted key"],
    ),
    form(
        "stripe webhook",
        "whsec_{w32}",
        &["stripe webhook secret", "webhook secret"],
    ),
    form(
        "openai",
        "sk-{w20}T3BlbkFJ{w20}",
        &["openai api key", "openai key"],
    ),
    form(
        "openai project",
        "sk-proj-{x74}T3BlbkFJ{x74}",
        &["openai api key"],
    ),
    form(
        "openai service",
        "sk-svcacct-{x74}T3BlbkFJ{x74}",
        &["openai api key"],
    ),
    form(
        "anthropic",
        "sk-ant-api03-{x93}AA",
        &["anthropic api key", "claude key"],
    ),
    form(
        "anthropic admin",
        "sk-ant-admin01-{x93}AA",
        &["anthropic admin key"],
    ),
    form(
        "hugging face",
        "hf_{l34}",
        &["hf token", "hugging face token", "huggingface token"],
    ),
    form(
        "replicate",
        "r8_{w37}",
        &["replicate token", "replicate api token"],
    ),
    form("groq", "gsk_{w52}", &["groq api key"]),
    form("perplexity", "pplx-{w48}", &["perplexity api key"]),
    form("xai", "xai-{w80}", &["xai api key"]),
    form("openrouter", "sk-or-v1-{h64}", &["openrouter key"]),
    form(
        "langsmith",
        "lsv2_pt_{h32}_{h10}",
        &["langsmith api key", "langchain api key"],
    ),
    form("langfuse", "sk-lf-{uuid}", &["langfuse secret key"]),
    form("fireworks", "fw_{w24}", &["fireworks api key"]),
    form("pinecone", "pcsk_{w6}_{w64}", &["pinecone api key"]),
    named("cohere", "{w40}", &["cohere api key", "co api key"]),
    named("mistral", "{w32}", &["mistral api key"]),
    form("nvidia", "nvapi-{x64}", &["nvidia api key", "ngc api key"]),
    form("tavily", "tvly-dev-{w32}", &["tavily api key"]),
    form(
        "sendgrid",
        "SG.{x22}.{x43}",
        &["sendgrid api key", "mail api key"],
    ),
    form("mailgun", "key-{h32}", &["mailgun api key"]),
    form("mailchimp", "{h32}-us{i1}", &["mailchimp api key"]),
    named(
        "postmark",
        "{uuid}",
        &["postmark server token", "postmark api token"],
    ),
    form(
        "brevo",
        "xkeysib-{h64}-{w16}",
        &["brevo api key", "sendinblue key"],
    ),
    form("resend", "re_{w8}_{w24}", &["resend api key"]),
    form(
        "twilio sid key",
        "SK{h32}",
        &["twilio api key", "twilio key"],
    ),
    named(
        "twilio token",
        "{h32}",
        &["twilio auth token", "twilio token"],
    ),
    named("vonage", "{w16}", &["vonage api secret", "nexmo secret"]),
    form(
        "shopify access",
        "shpat_{h32}",
        &["shopify token", "shopify access token"],
    ),
    form("shopify shared", "shpss_{h32}", &["shopify secret"]),
    form("shopify custom", "shpca_{h32}", &["shopify token"]),
    form("square access", "EAAA{x60}", &["square access token"]),
    form("square secret", "sq0csp-{x43}", &["square secret"]),
    form("square token", "sq0atp-{x22}", &["square token"]),
    form(
        "paypal braintree",
        "access_token$production${n16}${h32}",
        &["braintree token", "braintree access token"],
    ),
    form("razorpay", "rzp_live_{w14}", &["razorpay key id"]),
    form("paystack", "sk_live_{h40}", &["paystack secret key"]),
    form(
        "flutterwave",
        "FLWSECK-{h32}-X",
        &["flutterwave secret key"],
    ),
    form(
        "mercado pago",
        "APP_USR-{i16}-{d6}-{h32}-{i9}",
        &["mercadopago access token"],
    ),
    form("plaid", "access-production-{uuid}", &["plaid access token"]),
    named("plaid secret", "{h30}", &["plaid secret"]),
    form("adyen", "AQE{w60}-{b43}=-{w16}", &["adyen api key"]),
    form(
        "digitalocean",
        "dop_v1_{h64}",
        &["digitalocean token", "do token"],
    ),
    form(
        "digitalocean oauth",
        "doo_v1_{h64}",
        &["digitalocean oauth token"],
    ),
    form(
        "digitalocean refresh",
        "dor_v1_{h64}",
        &["digitalocean refresh token"],
    ),
    form("heroku", "HRKU-AA{x58}", &["heroku api key"]),
    named("heroku old", "{uuid}", &["heroku api key", "heroku token"]),
    form("fly", "FlyV1 fm2_{b100}", &["fly api token"]),
    form("netlify", "nfp_{w36}", &["netlify auth token"]),
    named("vercel", "{w24}", &["vercel token"]),
    form("railway render", "rnd_{w28}", &["render api key"]),
    form("supabase", "sbp_{h40}", &["supabase access token"]),
    form("supabase secret", "sb_secret_{x31}", &["supabase key"]),
    form("planetscale", "pscale_tkn_{x43}", &["planetscale token"]),
    form(
        "planetscale password",
        "pscale_pw_{x43}",
        &["planetscale password", "db password"],
    ),
    form("neon", "napi_{n64}", &["neon api key"]),
    form("databricks", "dapi{h32}", &["databricks token"]),
    named(
        "snowflake",
        "{w32}",
        &["snowflake password", "snowflake pat"],
    ),
    form("confluent", "cflt{b60}", &["confluent api secret"]),
    named("upstash", "AX{w58}", &["upstash redis rest token"]),
    form(
        "mongodb atlas",
        "mdb_sa_sk_{x40}",
        &["atlas client secret", "mongodb atlas secret"],
    ),
    form(
        "datadog new",
        "ddapp_{w34}",
        &["dd app key", "datadog app key"],
    ),
    named("datadog api", "{h32}", &["dd api key", "datadog api key"]),
    named(
        "datadog app",
        "{h40}",
        &["dd app key", "datadog application key"],
    ),
    form("new relic user", "NRAK-{N27}", &["new relic api key"]),
    form(
        "new relic licence",
        "{h36}FFFFNRAL",
        &["new relic license key"],
    ),
    form("new relic insert", "NRII-{x32}", &["new relic insert key"]),
    form(
        "new relic browser",
        "NRJS-{h19}",
        &["new relic browser key"],
    ),
    form("sentry user", "sntryu_{h64}", &["sentry auth token"]),
    form(
        "sentry org",
        "sntrys_eyJ{w160}_{b43}",
        &["sentry auth token"],
    ),
    form(
        "grafana service",
        "glsa_{w32}_{h8}",
        &["grafana token", "grafana api key"],
    ),
    form("grafana cloud", "glc_eyJ{w100}", &["grafana cloud token"]),
    form("grafana key", "eyJrIjoi{w70}", &["grafana api key"]),
    form(
        "dynatrace",
        "dt0c01.{T24}.{T64}",
        &["dynatrace token", "dt api token"],
    ),
    form("honeycomb ingest", "hcaik_{n58}", &["honeycomb api key"]),
    named(
        "honeycomb",
        "{w22}",
        &["honeycomb api key", "honeycomb writekey"],
    ),
    form("lightstep rollbar", "rbpt_{h64}", &["rollbar access token"]),
    named(
        "rollbar",
        "{h32}",
        &["rollbar access token", "rollbar token"],
    ),
    named(
        "pagerduty",
        "u+{x18}",
        &["pagerduty token", "pagerduty api key"],
    ),
    named("opsgenie", "{uuid}", &["opsgenie api key"]),
    form("posthog", "phx_{w43}", &["posthog api key"]),
    form("sonar", "squ_{h40}", &["sonar token", "sonarqube token"]),
    form("sonar project", "sqp_{h40}", &["sonar token"]),
    form("snyk", "snyk_uat.{h8}.{x200}", &["snyk token"]),
    named("snyk old", "{uuid}", &["snyk token", "snyk api key"]),
    form(
        "pypi",
        "pypi-AgEIcHlwaS5vcmc{x150}",
        &["pypi token", "twine password"],
    ),
    form(
        "rubygems",
        "rubygems_{h48}",
        &["rubygems api key", "gem host api key"],
    ),
    form("crates", "cio{w32}", &["cargo registry token"]),
    form("nuget", "oy2{n43}", &["nuget api key"]),
    form(
        "docker hub",
        "dckr_pat_{x27}",
        &["docker token", "dockerhub token", "docker password"],
    ),
    form("docker org", "dckr_oat_{x32}", &["docker token"]),
    form(
        "artifactory",
        "AKCp{w69}",
        &["artifactory api key", "jfrog token"],
    ),
    form(
        "artifactory ref",
        "cmVmdGtuOj{w54}",
        &["artifactory reference token"],
    ),
    form(
        "circleci",
        "CCIPAT_{w22}_{h40}",
        &["circle token", "circleci token"],
    ),
    form("buildkite", "bkua_{h40}", &["buildkite token"]),
    named("travis", "{x22}", &["travis token", "travis api token"]),
    form(
        "terraform cloud",
        "{w14}.atlasv1.{x67}",
        &["tfe token", "terraform token"],
    ),
    form("vault service", "hvs.{x95}", &["vault token"]),
    form("vault batch", "hvb.{x140}", &["vault token"]),
    form("vault old", "s.{w24}", &["vault token"]),
    form("doppler", "dp.pt.{w43}", &["doppler token"]),
    form("doppler service", "dp.st.prd.{w43}", &["doppler token"]),
    form("infisical", "st.{h24}.{h32}.{h32}", &["infisical token"]),
    form(
        "onepassword",
        "ops_eyJ{w250}",
        &["op service account token"],
    ),
    form("pulumi", "pul-{h40}", &["pulumi access token"]),
    form(
        "tailscale",
        "tskey-auth-k{w10}CNTRL-{w32}",
        &["tailscale auth key", "ts authkey"],
    ),
    form(
        "tailscale api",
        "tskey-api-k{w10}CNTRL-{w32}",
        &["tailscale api key"],
    ),
    named(
        "cloudflare",
        "{x40}",
        &["cloudflare api token", "cf api token"],
    ),
    named(
        "cloudflare global",
        "{h37}",
        &["cloudflare api key", "cf api key"],
    ),
    form(
        "cloudflare origin",
        "v1.0-{h24}-{h146}",
        &["cloudflare origin ca key"],
    ),
    named("fastly", "{x32}", &["fastly api token", "fastly key"]),
    form(
        "atlassian",
        "ATATT3xFfGF0{x171}={H8}",
        &["jira token", "atlassian api token"],
    ),
    form(
        "bitbucket app",
        "ATBB{w24}{H8}",
        &["bitbucket app password"],
    ),
    form(
        "atlassian connect",
        "ATCTT3xFfGN0{x171}={H8}",
        &["confluence token"],
    ),
    form("linear", "lin_api_{w40}", &["linear api key"]),
    form("notion", "ntn_{w46}", &["notion token"]),
    form(
        "notion old",
        "secret_{w43}",
        &["notion token", "notion key"],
    ),
    form(
        "airtable",
        "pat{w14}.{h64}",
        &["airtable token", "airtable api key"],
    ),
    form(
        "asana",
        "1/{i16}:{h32}",
        &["asana token", "asana access token"],
    ),
    form("clickup", "pk_{i8}_{N32}", &["clickup token"]),
    form("figma", "figd_{x40}", &["figma token"]),
    form("miro typeform", "tfp_{x44}_{x14}", &["typeform token"]),
    form("contentful", "CFPAT-{x43}", &["contentful token"]),
    form(
        "hubspot",
        "pat-eu1-{uuid}",
        &["hubspot token", "hubspot access token"],
    ),
    form(
        "salesforce",
        "00D{w12}!{x96}",
        &["salesforce token", "sf access token"],
    ),
    form("intercom", "dG9rOm{b54}=", &["intercom token"]),
    named("zendesk", "{w40}", &["zendesk token", "zendesk api token"]),
    form("segment", "sgp_{w64}", &["segment token"]),
    named(
        "algolia",
        "{h32}",
        &["algolia admin key", "algolia api key"],
    ),
    form(
        "mapbox",
        "sk.eyJ1Ijoi{w60}.{x22}",
        &["mapbox token", "mapbox secret token"],
    ),
    form(
        "facebook",
        "EAACEdEose0cBA{w120}",
        &["facebook token", "fb access token"],
    ),
    form("instagram", "IGQVJ{x130}", &["instagram token"]),
    named(
        "twitter secret",
        "{w50}",
        &["twitter consumer secret", "twitter api secret"],
    ),
    form(
        "twitter bearer",
        "AAAAAAAAAAAAAAAAAAAAA{w80}",
        &["twitter bearer token"],
    ),
    form("linkedin", "AQX{x200}", &["linkedin access token"]),
    form(
        "dropbox",
        "sl.B{x135}",
        &["dropbox token", "dropbox access token"],
    ),
    form(
        "alibaba",
        "LTAI{w20}",
        &["alibaba access key id", "aliyun access key"],
    ),
    form("tencent", "AKID{w32}", &["tencent secret id"]),
    form("yandex", "AQVN{x36}", &["yandex api key"]),
    form("yandex oauth", "y0_{x55}", &["yandex oauth token"]),
    form("yandex aws", "YCAJE{x20}", &["yandex access key id"]),
    form("ibm", "ApiKey-{uuid}", &["ibm api key", "ibmcloud api key"]),
    form("oracle linode", "lin_pat_{h64}", &["linode token"]),
    form(
        "hetzner",
        "hcloud_{w64}",
        &["hcloud token", "hetzner token"],
    ),
    form("scaleway", "SCW{N17}", &["scw access key"]),
    named("scaleway secret", "{uuid}", &["scw secret key"]),
    named("okta", "00{x40}", &["okta api token", "okta token"]),
    named("auth0", "{x64}", &["auth0 client secret"]),
    form("clerk", "sk_live_{w42}", &["clerk secret key"]),
    form("workos", "sk_live_a2V5X{w40}", &["workos api key"]),
    form("prefect", "pnu_{n36}", &["prefect api key"]),
    form("weights biases", "wandb_v1_{w77}", &["wandb api key"]),
    named("weights biases old", "{h40}", &["wandb api key"]),
    form("duffel", "duffel_live_{x43}", &["duffel token"]),
    form("easypost", "EZAK{w54}", &["easypost api key"]),
    form("shippo", "shippo_live_{h40}", &["shippo token"]),
    form("lob", "live_{h35}", &["lob api key"]),
    form("frameio", "fio-u-{x64}", &["frameio token"]),
    form("readme", "rdme_{n70}", &["readme api key"]),
    form("postman", "PMAK-{h24}-{h34}", &["postman api key"]),
    form(
        "age key",
        "AGE-SECRET-KEY-1{T58}",
        &["age key", "sops age key"],
    ),
    form(
        "gcp service",
        "GOOG{T20}",
        &["gcs hmac key", "hmac access id"],
    ),
    named("beamer", "b_{x44}", &["beamer api key"]),
    form("harness", "pat.{w22}.{h24}.{w20}", &["harness api key"]),
    form("octopus", "API-{N26}", &["octopus api key"]),
    named(
        "kubernetes bootstrap",
        "{n6}.{n16}",
        &["bootstrap token", "kubeadm token"],
    ),
    form(
        "openvsx jetbrains",
        "perm:{b20}.{b10}.{w32}",
        &["youtrack token", "jetbrains token"],
    ),
];
