{{/* Names, and what is read from the settings. */}}

{{- define "herald.labels" -}}
app.kubernetes.io/name: herald
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/part-of: herald
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version }}
{{- end }}

{{/* Labels by which pods are selected; they never change. Takes a dict of root and component. */}}
{{- define "herald.selector" -}}
app.kubernetes.io/name: herald
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .component }}
{{- with .system }}
herald/system: {{ . }}
{{- end }}
{{- end }}

{{/* The systems of the settings, as events, topics and objects name them: a list as JSON. */}}
{{- define "herald.systems" -}}
{{- $names := list -}}
{{- range $name, $_ := .Values.config.systems -}}
{{- $names = append $names ($name | replace "_" "-") -}}
{{- end -}}
{{- $names | toJson -}}
{{- end }}

{{- define "herald.prefix" -}}
{{- dig "kafka" "topic_prefix" "herald." .Values.config -}}
{{- end }}

{{/* The topics of submissions of a system: a list as JSON. Takes a dict of root and system. */}}
{{- define "herald.submissions" -}}
{{- $names := list -}}
{{- range .root.Values.config.submission_topics -}}
{{- if eq .system $.system }}{{ $names = append $names .topic }}{{ end -}}
{{- end -}}
{{- $names | default (list (printf "%s%s.submissions" (include "herald.prefix" .root) .system)) | uniq | toJson -}}
{{- end }}

{{/* The systems whose notifications the workers of a system publish, as contracts/ says; a test compares them: as JSON. */}}
{{- define "herald.published" -}}
{{- get (dict "edelivery" (list "edelivery" "eforms")) . | default list | toJson -}}
{{- end }}

{{/* The topics of notifications: what workers publish, and what a receiver does where there is one. A list as JSON. */}}
{{- define "herald.notifications" -}}
{{- $names := list -}}
{{- range $worker := include "herald.systems" . | fromJsonArray -}}
{{- range $system := include "herald.published" $worker | fromJsonArray -}}
{{- $names = append $names (printf "%s%s.notifications" (include "herald.prefix" $) $system) -}}
{{- end -}}
{{- end -}}
{{- concat $names (include "herald.received" . | fromJsonArray) | uniq | toJson -}}
{{- end }}

{{/* The topics of notifications to which a receiver writes, where there is one: a list as JSON. */}}
{{- define "herald.received" -}}
{{- $names := list -}}
{{- if .Values.receiver.enabled -}}
{{- range $system := .Values.receiver.notifications -}}
{{- $names = append $names (printf "%s%s.notifications" (include "herald.prefix" $) $system) -}}
{{- end -}}
{{- end -}}
{{- $names | toJson -}}
{{- end }}

{{/* The systems of the settings that the state's ESB leads to: a list as JSON. */}}
{{- define "herald.overEsb" -}}
{{- $names := list -}}
{{- range $system := include "herald.systems" . | fromJsonArray -}}
{{- $direct := and (eq $system "epayment") (ne (dig "systems" "epayment" "access" "direct" $.Values.config) "esb") -}}
{{- if and (has $system (list "edelivery" "eforms" "epayment" "peu")) (not $direct) -}}
{{- $names = append $names $system -}}
{{- end -}}
{{- end -}}
{{- $names | toJson -}}
{{- end }}

{{/* Whether the files are in an object storage; empty where they are not. */}}
{{- define "herald.objectStorage" -}}
{{- if eq (dig "backend" "postgres" (.Values.config.files | default dict)) "s3" }}yes{{ end -}}
{{- end }}

{{- define "herald.group" -}}
{{- dig "intake" "group_id" "herald-worker" .Values.config -}}
{{- end }}

{{- define "herald.bootstrap" -}}
{{- $servers := .Values.config.kafka.bootstrap_servers -}}
{{- if kindIs "string" $servers }}{{ $servers }}{{ else }}{{ join "," $servers }}{{ end -}}
{{- end }}

{{- define "herald.healthPort" -}}
{{- dig "health" "port" 8080 .Values.config -}}
{{- end }}

{{/* The drain, and what follows it: an aborted exchange notes its state, offsets are committed, the group is left,
replies are flushed, the journal's lease ends, traces are flushed (40 s). 5 s are a margin. */}}
{{- define "herald.grace" -}}
{{- add (ceil (dig "intake" "drain_seconds" 20 .Values.config)) 45 -}}
{{- end }}

{{- define "herald.image" -}}
{{- if .Values.image.digest -}}
{{ .Values.image.repository }}@{{ .Values.image.digest }}
{{- else -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end -}}
{{- end }}

{{- define "herald.caSecret" -}}
{{- .Values.kafka.caSecret | default (printf "%s-cluster-ca-cert" .Values.kafka.cluster) -}}
{{- end }}
