"""A stand-in for eDelivery (Система за сигурно електронно връчване) behind the state ESB."""
